using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Payments;

namespace Retail.Core.Orders;

/// <summary>An order as its page shows it.</summary>
public sealed record OrderView
{
    /// <summary>Key.</summary>
    public required Guid Id { get; init; }

    /// <summary>What people say.</summary>
    public required long Number { get; init; }

    /// <summary>Whose it is; null for a guest's.</summary>
    public required Guid? CustomerId { get; init; }

    /// <summary>Where it stands.</summary>
    public required OrderStatus Status { get; init; }

    /// <summary>Why it was cancelled, or null.</summary>
    public required string? CancelReason { get; init; }

    /// <summary>When it was accepted, UTC.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>Where mail goes.</summary>
    public required string Email { get; init; }

    /// <summary>For the carrier.</summary>
    public required string Phone { get; init; }

    /// <summary>Where the parcel goes.</summary>
    public required Address ShippingAddress { get; init; }

    /// <summary>Code of the shipping method.</summary>
    public required string ShippingMethod { get; init; }

    /// <summary>Sum of the lines.</summary>
    public required Money Subtotal { get; init; }

    /// <summary>Shipping.</summary>
    public required Money Shipping { get; init; }

    /// <summary>What is charged.</summary>
    public required Money Total { get; init; }

    /// <summary>What was bought.</summary>
    public required IReadOnlyList<OrderLineView> Lines { get; init; }

    /// <summary>Every change of status, oldest first.</summary>
    public required IReadOnlyList<OrderStepView> Steps { get; init; }

    /// <summary>Attempts to charge, oldest first.</summary>
    public required IReadOnlyList<PaymentView> Payments { get; init; }

    /// <summary>Money that went back or is on its way, oldest first.</summary>
    public required IReadOnlyList<RefundView> Refunds { get; init; }

    /// <summary>When it was handed to the carrier, UTC.</summary>
    public required DateTimeOffset? ShippedAt { get; init; }

    /// <summary>The carrier and its number, or null.</summary>
    public required string? Tracking { get; init; }

    /// <summary>It may still be called off.</summary>
    public bool MayBeCancelled => Order.MayBeCancelledAt(Status, ShippedAt);

    /// <summary>The parcel may leave.</summary>
    public bool MayBeShipped => ShippedAt is null && Order.MayBecome(Status, OrderStatus.Shipped);

    /// <summary>What can still go back: captured, and not refunded nor about to be.</summary>
    public Money Refundable => Payments.Where(p => p.Status == PaymentStatus.Captured).Aggregate(Money.Zero(Total.Currency), (sum, p) => sum + p.Amount) - Refunded;

    /// <summary>What went back or is about to.</summary>
    public Money Refunded => Refunds.Where(r => r.Status != RefundStatus.Refused).Aggregate(Money.Zero(Total.Currency), (sum, r) => sum + r.Amount);
}

/// <summary>A line of an order.</summary>
/// <param name="Slug">The product's name in the address bar.</param>
/// <param name="Name">As it was bought.</param>
/// <param name="OptionText">"M / Blue", or empty.</param>
/// <param name="Sku">As it was bought.</param>
/// <param name="Quantity">Units.</param>
/// <param name="UnitPrice">Of a unit.</param>
/// <param name="LineTotal">Of the line.</param>
/// <param name="Position">Place in the order, from 1.</param>
/// <param name="Refunded">Units that were refunded or are about to be.</param>
public sealed record OrderLineView(string Slug, string Name, string OptionText, string Sku, int Quantity, Money UnitPrice, Money LineTotal, int Position, int Refunded);

/// <summary>Money that goes back.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason">In words.</param>
/// <param name="By">Who.</param>
/// <param name="Restock">Its units are in stock again.</param>
/// <param name="Units">For how many units; 0 for money alone.</param>
/// <param name="GatewayId">The gateway's id, once known.</param>
/// <param name="Code">Why the gateway refused it.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record RefundView(RefundStatus Status, Money Amount, string Reason, string By, bool Restock, int Units, string? GatewayId, string? Code, DateTimeOffset CreatedAt);

/// <summary>A change of status.</summary>
/// <param name="To">The new status.</param>
/// <param name="By">Who.</param>
/// <param name="Why">In words.</param>
/// <param name="At">UTC.</param>
public sealed record OrderStepView(OrderStatus To, string By, string Why, DateTimeOffset At);

/// <summary>An attempt to charge.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Amount">What is charged.</param>
/// <param name="CardBrand">Such as visa.</param>
/// <param name="CardLast4">To be recognised by.</param>
/// <param name="GatewayId">The gateway's id, once known.</param>
/// <param name="Code">Of a decline or failure.</param>
/// <param name="StartedAt">UTC.</param>
public sealed record PaymentView(PaymentStatus Status, Money Amount, string CardBrand, string CardLast4, string? GatewayId, string? Code, DateTimeOffset StartedAt);

/// <summary>A row of a list of orders.</summary>
/// <param name="Id">Key.</param>
/// <param name="Number">What people say.</param>
/// <param name="Email">Whose.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Total">What is charged.</param>
/// <param name="Units">How many things.</param>
/// <param name="PlacedAt">UTC.</param>
public sealed record OrderRow(Guid Id, long Number, string Email, OrderStatus Status, Money Total, int Units, DateTimeOffset PlacedAt);

/// <summary>Reads orders. Shoppers' orders are asked for through the shopper: another's is as if it were not there.</summary>
public sealed class OrderQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 20;

    /// <summary>A customer's order, or null.</summary>
    public Task<OrderView?> FindForCustomerAsync(Guid orderId, Guid customerId, CancellationToken ct) =>
        ReadAsync(db.Orders.Where(o => o.Id == orderId && o.CustomerId == customerId), ct);

    /// <summary>A guest's order that this browser placed or has named number and email of, or null.</summary>
    public Task<OrderView?> FindForGuestAsync(Guid orderId, CancellationToken ct) =>
        ReadAsync(db.Orders.Where(o => o.Id == orderId && o.CustomerId == null), ct);

    /// <summary>Any order: for admins.</summary>
    public Task<OrderView?> FindForAdminAsync(Guid orderId, CancellationToken ct) => ReadAsync(db.Orders.Where(o => o.Id == orderId), ct);

    /// <summary>The key of the guest order with this number, if it was ordered with this email; null otherwise. A customer's orders are behind the sign-in.</summary>
    public async Task<Guid?> FindByNumberAsync(long number, string email, CancellationToken ct)
    {
        var order = await db.Orders.Where(o => o.Number == number && o.CustomerId == null).Select(o => new { o.Id, o.Email }).SingleOrDefaultAsync(ct);
        return order is not null && string.Equals(order.Email, email.Trim(), StringComparison.OrdinalIgnoreCase) ? order.Id : null;
    }

    /// <summary>A customer's orders, newest first.</summary>
    public async Task<PageOf<OrderRow>> ListForCustomerAsync(Guid customerId, int page, CancellationToken ct)
    {
        var own = db.Orders.Where(o => o.CustomerId == customerId);
        var rows = await Rows(own.OrderByDescending(o => o.PlacedAt).ThenByDescending(o => o.Id)).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(ct);
        return new(rows, page, PageSize, await own.CountAsync(ct));
    }

    /// <summary>Where a customer's last order was sent, or null: the next checkout starts with it.</summary>
    public Task<Address?> LastAddressAsync(Guid customerId, CancellationToken ct) =>
        db.Orders.Where(o => o.CustomerId == customerId).OrderByDescending(o => o.PlacedAt).Select(o => (Address?)o.ShippingAddress).FirstOrDefaultAsync(ct);

    internal static IQueryable<OrderRow> Rows(IQueryable<Order> orders) =>
        orders.AsNoTracking().Select(o => new OrderRow(o.Id, o.Number, o.Email, o.Status, o.Total, o.Lines.Sum(l => l.Quantity), o.PlacedAt));

    /// <summary>Four statements: the order, its lines, its steps, its payments with the refunds.</summary>
    private async Task<OrderView?> ReadAsync(IQueryable<Order> orders, CancellationToken ct)
    {
        if (await orders.AsNoTracking().AsSplitQuery().Select(Shown()).SingleOrDefaultAsync(ct) is not { } order) return null;
        var money = await db.Payments.AsNoTracking().AsSingleQuery().Where(p => p.OrderId == order.Id).OrderBy(p => p.StartedAt).Select(p => new
        {
            Payment = new PaymentView(p.Status, p.Amount, p.CardBrand, p.CardLast4, p.GatewayId, p.Code, p.StartedAt),
            Refunds = db.Refunds.Where(r => r.OrderId == p.OrderId).OrderBy(r => r.CreatedAt)
                .Select(r => new RefundView(r.Status, r.Amount, r.Reason, r.By, r.Restock, r.Lines.Sum(l => l.Quantity), r.GatewayId, r.Code, r.CreatedAt)).ToList(),
        }).ToListAsync(ct);
        return order with { Payments = [.. money.Select(m => m.Payment)], Refunds = money.Count == 0 ? [] : money[0].Refunds };
    }

    private Expression<Func<Order, OrderView>> Shown() => o => new OrderView
    {
        Id = o.Id,
        Number = o.Number,
        CustomerId = o.CustomerId,
        Status = o.Status,
        CancelReason = o.CancelReason,
        PlacedAt = o.PlacedAt,
        Email = o.Email,
        Phone = o.Phone,
        ShippingAddress = o.ShippingAddress,
        ShippingMethod = o.ShippingMethod,
        Subtotal = o.Subtotal,
        Shipping = o.Shipping,
        Total = o.Total,
        Lines = o.Lines.OrderBy(l => l.Position).Select(l => new OrderLineView(
            db.Variants.Where(v => v.Id == l.VariantId).Join(db.Products, v => v.ProductId, p => p.Id, (v, p) => p.Slug).First(),
            l.Name, l.OptionText, l.Sku, l.Quantity, l.UnitPrice, l.LineTotal, l.Position,
            db.Refunds.Where(r => r.OrderId == o.Id && r.Status != RefundStatus.Refused).SelectMany(r => r.Lines).Where(x => x.Position == l.Position).Sum(x => x.Quantity))).ToList(),
        Steps = o.Transitions.OrderBy(t => t.Id).Select(t => new OrderStepView(t.ToStatus, t.By, t.Why, t.At)).ToList(),
        Payments = new List<PaymentView>(),
        Refunds = new List<RefundView>(),
        ShippedAt = o.ShippedAt,
        Tracking = o.Tracking,
    };
}
