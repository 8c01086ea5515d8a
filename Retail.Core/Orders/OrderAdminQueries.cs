using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Orders;

/// <summary>What a list of orders is sorted by.</summary>
public enum OrderSort
{
    /// <summary>When it was placed.</summary>
    Placed,

    /// <summary>What is charged.</summary>
    Total,

    /// <summary>What people say.</summary>
    Number,
}

/// <summary>Which orders an admin wants to see.</summary>
public sealed record OrderFilter
{
    /// <summary>A number, or a part of the email or of the name; empty for all.</summary>
    public string Search { get; init; } = "";

    /// <summary>Only these; null for all.</summary>
    public OrderStatus? Status { get; init; }

    /// <summary>Placed on this day or later, UTC.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Placed on this day or earlier, UTC.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Those that this drill placed; null for all that people placed.</summary>
    public Guid? DrillId { get; init; }

    /// <summary>What decides the order of rows.</summary>
    public OrderSort Sort { get; init; } = OrderSort.Placed;

    /// <summary>Highest or newest first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;
}

/// <summary>An order in the admin's list.</summary>
/// <param name="Id">Key.</param>
/// <param name="Number">What people say.</param>
/// <param name="Name">Whom the parcel goes to.</param>
/// <param name="Email">Whose.</param>
/// <param name="IsGuest">Ordered without an account.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Total">What is charged.</param>
/// <param name="Units">How many things.</param>
/// <param name="PlacedAt">UTC.</param>
public sealed record AdminOrderRow(Guid Id, long Number, string Name, string Email, bool IsGuest, OrderStatus Status, Money Total, int Units, DateTimeOffset PlacedAt);

/// <summary>Lists everybody's orders: for admins only.</summary>
public sealed class OrderAdminQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    /// <summary>A page of the orders that fit.</summary>
    public async Task<PageOf<AdminOrderRow>> ListAsync(OrderFilter filter, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var orders = Matching(filter);
        var total = await orders.CountAsync(ct);
        var page = Math.Clamp(filter.Page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await Rows(Sorted(orders, filter)).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(ct);
        return new(rows, page, PageSize, total);
    }

    /// <summary>The newest orders.</summary>
    public async Task<IReadOnlyList<AdminOrderRow>> NewestAsync(int count, CancellationToken ct) =>
        await Rows(Sorted(Matching(new OrderFilter()), new OrderFilter())).Take(count).ToListAsync(ct);

    private IQueryable<Order> Matching(OrderFilter filter)
    {
        var orders = db.Orders.Where(o => o.DrillId == filter.DrillId);
        if (filter.Status is { } status) orders = orders.Where(o => o.Status == status);
        if (filter.From is { } from)
        {
            var start = Midnight(from);
            orders = orders.Where(o => o.PlacedAt >= start);
        }
        if (filter.To is { } to && to < DateOnly.MaxValue)
        {
            var end = Midnight(to.AddDays(1));
            orders = orders.Where(o => o.PlacedAt < end);
        }
        var search = filter.Search.Trim();
        if (search.Length == 0) return orders;
        if (long.TryParse(search.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return orders.Where(o => o.Number == number);
        var pattern = Like.Containing(search);
        return orders.Where(o => EF.Functions.ILike(o.Email, pattern) || EF.Functions.ILike(o.ShippingAddress.Name, pattern));
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    // Each order of rows ends on a unique column, so that pages never overlap.
    private static IQueryable<Order> Sorted(IQueryable<Order> orders, OrderFilter filter) => (filter.Sort, filter.Descending) switch
    {
        (OrderSort.Placed, true) => orders.OrderByDescending(o => o.PlacedAt).ThenByDescending(o => o.Id),
        (OrderSort.Placed, false) => orders.OrderBy(o => o.PlacedAt).ThenBy(o => o.Id),
        (OrderSort.Total, true) => orders.OrderByDescending(o => o.Total.Amount).ThenByDescending(o => o.Id),
        (OrderSort.Total, false) => orders.OrderBy(o => o.Total.Amount).ThenBy(o => o.Id),
        (OrderSort.Number, true) => orders.OrderByDescending(o => o.Number),
        (OrderSort.Number, false) => orders.OrderBy(o => o.Number),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Sort, "Not a sort."),
    };

    private static IQueryable<AdminOrderRow> Rows(IQueryable<Order> orders) => orders.AsNoTracking().Select(o => new AdminOrderRow(
        o.Id, o.Number, o.ShippingAddress.Name, o.Email, o.CustomerId == null, o.Status, o.Total, o.Lines.Sum(l => l.Quantity), o.PlacedAt));
}
