using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Inventory;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;
using Retail.Core.Payments;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>What an admin wants to pay back.</summary>
public sealed record RefundRequest
{
    /// <summary>The longest reason.</summary>
    public const int MaxReason = 300;

    /// <summary>The order.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>The caller's key: the same key is the same refund. At most 100 characters.</summary>
    public required string Key { get; init; }

    /// <summary>How much; null: what the lines cost.</summary>
    public decimal? Amount { get; init; }

    /// <summary>Places of order lines and units; may be empty when there is an amount.</summary>
    public IReadOnlyList<(int Position, int Quantity)> Lines { get; init; } = [];

    /// <summary>Why, in words for the shopper.</summary>
    public required string Reason { get; init; }

    /// <summary>The units of the lines are back in the warehouse.</summary>
    public bool Restock { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }
}

/// <summary>Pays back. A refund is a row before it is a request to the gateway, and never more than is left of what was captured.</summary>
public sealed class RefundService(
    RetailDbContext db, IPaymentGateway gateway, InventoryService inventory, MetricRecorder metrics, TimeProvider clock, ILogger<RefundService> logger)
{
    /// <summary>The outbox kind that sees a refund through; its key is the refund's id.</summary>
    public const string Kind = "refund";

    /// <summary>The gateway remembers a key for a day; from here on it is asked first, so that nothing is paid back twice.</summary>
    private static readonly TimeSpan KeyIsSafe = TimeSpan.FromHours(20);

    /// <summary>Promises a refund and asks the gateway for it. One that the gateway does not answer is asked for again by the worker.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Refund>> RefundAsync(RefundRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var promised = await PromiseAsync(request, ct);
        if (promised.Error is { } refusal) return refusal;
        return await SendAsync(promised.Value.Id);
    }

    /// <summary>Asks the gateway for a promised refund and books the answer; one that is answered is left as it is.</summary>
    public async Task<Refund> SendAsync(Guid refundId)
    {
        var open = await (
            from r in db.Refunds.AsNoTracking().Include(r => r.Lines)
            where r.Id == refundId
            join p in db.Payments.AsNoTracking() on r.PaymentId equals p.Id
            select new { Refund = r, p.GatewayId }).SingleAsync(CancellationToken.None);
        if (open.Refund.Status != RefundStatus.Pending) return open.Refund;
        RefundOutcome outcome = clock.GetUtcNow() - open.Refund.CreatedAt < KeyIsSafe ? new RefundOutcome.NotFound()
            : await gateway.FindRefundAsync(open.GatewayId!, refundId.ToString(), CancellationToken.None);
        if (outcome is RefundOutcome.NotFound)
            outcome = await gateway.RefundAsync(open.GatewayId!, open.Refund.Amount, refundId.ToString(), open.Refund.Reason, CancellationToken.None);
        return await BookAsync(open.Refund.OrderId, refundId, outcome);
    }

    /// <summary>The promise that is written with a refund. The one who wrote it asks first, so it is not due at once.</summary>
    internal static OutboxMessage Promise(Refund refund, DateTimeOffset now) =>
        new() { Kind = Kind, Key = refund.Id.ToString(), OrderingKey = refund.OrderId.ToString(), CreatedAt = now, DueAt = now + TimeSpan.FromSeconds(15) };

    /// <summary>All that is left of an order's money, and the units that did not go back yet. In the transaction that holds the order.</summary>
    /// <returns>Null when nothing is left.</returns>
    internal async Task<Refund?> PromiseRestAsync(Order order, string key, string reason, string by, CancellationToken ct)
    {
        var books = await ReadAsync(order.Id, ct);
        if (books.Payment is not { } payment || books.Left <= 0) return null;
        var rest = books.Lines.Select(l => (Line: l, Quantity: l.Quantity - books.RefundedUnits(l.Position))).Where(l => l.Quantity > 0).ToList();
        var refund = Refund.Of(payment, new Money(books.Left, payment.Amount.Currency), key, reason, by, clock.GetUtcNow(), restock: true, rest);
        // What goes back is what did not go back yet, which is not the same as what was not paid back yet.
        await KeepAsync(refund, [.. books.Lines.Select(l => (Line: l, Quantity: l.Quantity - books.RestockedUnits(l.Position))).Where(l => l.Quantity > 0)], ct);
        return refund;
    }

    private async Task<ServiceResult<Refund>> PromiseAsync(RefundRequest request, CancellationToken ct)
    {
        if (request.Reason.Trim().Length is 0 or > RefundRequest.MaxReason) return RefundErrors.NoReason;
        if (request.Lines.Any(l => l.Quantity < 0)) return RefundErrors.BadQuantity;
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Under the order's lock two refunds come one after the other, and the second sees what the first has taken.
        if (!await db.Orders.AnyAsync(o => o.Id == request.OrderId, ct)) return OrderErrors.Unknown;
        await PaymentBooking.LockAsync(db, request.OrderId);
        if (await db.Refunds.Include(r => r.Lines).SingleOrDefaultAsync(r => r.Key == request.Key, ct) is { } earlier)
            return earlier.OrderId == request.OrderId ? earlier : RefundErrors.KeyReused;
        var books = await ReadAsync(request.OrderId, ct);
        if (books.Payment is not { } payment) return RefundErrors.NotPaid;
        var lines = new List<(OrderLine Line, int Quantity)>();
        foreach (var (position, quantity) in request.Lines.Where(l => l.Quantity > 0))
        {
            if (books.Lines.SingleOrDefault(l => l.Position == position) is not { } line) return RefundErrors.BadQuantity;
            if (quantity > line.Quantity - books.RefundedUnits(position)) return RefundErrors.TooManyUnits(line.Name, line.Quantity - books.RefundedUnits(position));
            if (request.Restock && quantity > line.Quantity - books.RestockedUnits(position)) return RefundErrors.RestockedBefore(line.Name);
            lines.Add((line, quantity));
        }
        if (request.Restock && lines.Count == 0) return RefundErrors.NothingToRestock;
        var amount = decimal.Round(request.Amount ?? lines.Sum(l => l.Line.UnitPrice.Amount * l.Quantity), 2);
        if (amount <= 0) return books.Left > 0 ? RefundErrors.NoAmount : RefundErrors.NothingLeft;
        if (amount > books.Left) return books.Left > 0 ? RefundErrors.TooMuch(new Money(books.Left, payment.Amount.Currency)) : RefundErrors.NothingLeft;
        var refund = Refund.Of(payment, new Money(amount, payment.Amount.Currency), request.Key, request.Reason.Trim(), request.By, clock.GetUtcNow(), request.Restock, lines);
        await KeepAsync(refund, lines, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return refund;
    }

    private async Task KeepAsync(Refund refund, List<(OrderLine Line, int Quantity)> goods, CancellationToken ct)
    {
        db.Refunds.Add(refund);
        db.Outbox.Add(Promise(refund, refund.CreatedAt));
        if (refund.Restock && goods.Count > 0)
            await inventory.RestockAsync(refund.OrderId, [.. goods.Select(l => (l.Line.VariantId, l.Quantity))], refund.Reason[..Math.Min(refund.Reason.Length, 200)], ct);
    }

    private async Task<Refund> BookAsync(Guid orderId, Guid refundId, RefundOutcome outcome)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        var order = await PaymentBooking.LockAsync(db, orderId);
        var refund = await db.Refunds.Include(r => r.Lines).SingleAsync(r => r.Id == refundId, CancellationToken.None);
        if (refund.Status != RefundStatus.Pending) return refund;
        switch (outcome)
        {
            case RefundOutcome.Refunded refunded:
                refund.Answer(RefundStatus.Succeeded, refunded.RefundId, null, now);
                await NoteAsync(order, refund, now);
                break;
            case RefundOutcome.Refused refused:
                refund.Answer(RefundStatus.Refused, null, refused.Code, now);
                logger.RefundRefused(refundId, orderId, refused.Code);
                break;
            case RefundOutcome.Unknown unknown:
                logger.RefundPending(refundId, orderId, unknown.Reason);
                return refund;
            default:
                throw new InvalidOperationException($"The gateway answered a refund with {outcome.GetType().Name}.");
        }
        await db.Database.ExecuteSqlAsync($"UPDATE outbox SET status = 'Done' WHERE kind = {Kind} AND ordering_key = {orderId.ToString()} AND key = {refundId.ToString()} AND status = 'Waiting'", CancellationToken.None);
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        if (refund.Status == RefundStatus.Succeeded) metrics.Record(MetricTypes.RefundsPerDay, 1, new { order_id = orderId, amount = refund.Amount.Amount, currency = refund.Amount.Currency });
        return refund;
    }

    /// <summary>A refund that the gateway has made: the order's status follows, and the shopper is told. In the caller's transaction.</summary>
    internal async Task NoteAsync(Order order, Refund refund, DateTimeOffset now)
    {
        var books = await ReadAsync(order.Id, CancellationToken.None);
        var isAll = books.Refunds.Where(r => r.Status == RefundStatus.Succeeded && r.Id != refund.Id).Sum(r => r.Amount.Amount) + refund.Amount.Amount >= books.Payment!.Amount.Amount;
        order.NoteRefund(isAll, refund.By, refund.Reason, now);
        db.Outbox.Add(Notify.Of(Notify.OrderRefunded, order.Id, now, refund.Id.ToString()));
        logger.Refunded(refund.Id, order.Id, refund.Amount.Amount);
    }

    internal async Task<RefundBooks> ReadAsync(Guid orderId, CancellationToken ct) => new(
        await db.Payments.FirstOrDefaultAsync(p => p.OrderId == orderId && p.Status == PaymentStatus.Captured, ct),
        await db.OrderLines.AsNoTracking().Where(l => l.OrderId == orderId).OrderBy(l => l.Position).ToListAsync(ct),
        await db.Refunds.Include(r => r.Lines).Where(r => r.OrderId == orderId).ToListAsync(ct));
}

/// <summary>What was captured and what went back.</summary>
internal sealed record RefundBooks(Payment? Payment, IReadOnlyList<OrderLine> Lines, IReadOnlyList<Refund> Refunds)
{
    /// <summary>What can still go back: a refund under way counts as done.</summary>
    public decimal Left => (Payment?.Amount.Amount ?? 0) - Refunds.Where(r => r.Status != RefundStatus.Refused).Sum(r => r.Amount.Amount);

    public int RefundedUnits(int position) => Units(Refunds.Where(r => r.Status != RefundStatus.Refused), position);

    // Goods that came back are back, whatever became of the money.
    public int RestockedUnits(int position) => Units(Refunds.Where(r => r.Restock), position);

    private static int Units(IEnumerable<Refund> refunds, int position) => refunds.SelectMany(r => r.Lines).Where(l => l.Position == position).Sum(l => l.Quantity);
}
