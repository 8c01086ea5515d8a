using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Inventory;

namespace Retail.Core.Quality;

/// <summary>The counts that matter to an admin today.</summary>
public sealed record ShopOverview
{
    /// <summary>From when on is today: midnight UTC.</summary>
    public required DateTimeOffset Today { get; init; }

    /// <summary>Placed today, whatever became of them.</summary>
    public required int OrdersToday { get; init; }

    /// <summary>Sum of today's orders that are paid, in the store's currency.</summary>
    public required decimal RevenueToday { get; init; }

    /// <summary>Neither paid nor cancelled, whenever they were placed.</summary>
    public required int AwaitingPayment { get; init; }

    /// <summary>Charges that banks said no to today.</summary>
    public required int DeclinedToday { get; init; }

    /// <summary>Variants on sale that are running low (<see cref="InventoryOptions.LowStock"/>) and not sold out.</summary>
    public required int LowStock { get; init; }

    /// <summary>Variants on sale with nothing left.</summary>
    public required int SoldOut { get; init; }

    /// <summary>Products on sale.</summary>
    public required int Published { get; init; }

    /// <summary>Products being prepared.</summary>
    public required int Drafts { get; init; }

    /// <summary>Accounts made today.</summary>
    public required int NewCustomersToday { get; init; }

    /// <summary>Promises that the worker has still to keep.</summary>
    public required int OutboxWaiting { get; init; }

    /// <summary>Promises that were tried too often.</summary>
    public required int OutboxDead { get; init; }
}

/// <summary>Reads the overview in one round trip: each count from its index, stock from one pass over its narrow table.</summary>
public sealed class ShopOverviewReader(NpgsqlDataSource database, IOptions<InventoryOptions> inventory, TimeProvider clock)
{
    private const string Sql = """
        SELECT
            (SELECT count(*) FROM orders WHERE placed_at >= $1 AND drill_id IS NULL)::int,
            (SELECT coalesce(sum(total_amount), 0) FROM orders WHERE status = 'Paid' AND placed_at >= $1 AND drill_id IS NULL),
            (SELECT count(*) FROM orders WHERE status IN ('Placed', 'PaymentPending') AND drill_id IS NULL)::int,
            (SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.status = 'Declined' AND p.started_at >= $1 AND o.drill_id IS NULL)::int,
            stock.low::int, stock.gone::int,
            (SELECT count(*) FROM products WHERE status = 'Published' AND drill_id IS NULL)::int,
            (SELECT count(*) FROM products WHERE status = 'Draft')::int,
            (SELECT count(*) FROM customers WHERE created_at >= $1 AND coalesce(email, '') NOT LIKE '%.drill.invalid')::int,
            (SELECT count(*) FROM outbox WHERE status = 'Waiting')::int,
            (SELECT count(*) FROM outbox WHERE status = 'Dead')::int
        FROM (
            SELECT count(*) FILTER (WHERE s.on_hand > s.reserved) AS low, count(*) FILTER (WHERE s.on_hand = s.reserved) AS gone
            FROM stock_items s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
            WHERE s.on_hand - s.reserved <= $2 AND v.retired_at IS NULL AND p.status = 'Published' AND p.drill_id IS NULL) AS stock
        """;

    /// <summary>The counts at this moment.</summary>
    public async Task<ShopOverview> ReadAsync(CancellationToken ct)
    {
        var today = new DateTimeOffset(clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = today });
        command.Parameters.Add(new() { Value = inventory.Value.LowStock });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new ShopOverview
        {
            Today = today,
            OrdersToday = reader.GetInt32(0),
            RevenueToday = reader.GetDecimal(1),
            AwaitingPayment = reader.GetInt32(2),
            DeclinedToday = reader.GetInt32(3),
            LowStock = reader.GetInt32(4),
            SoldOut = reader.GetInt32(5),
            Published = reader.GetInt32(6),
            Drafts = reader.GetInt32(7),
            NewCustomersToday = reader.GetInt32(8),
            OutboxWaiting = reader.GetInt32(9),
            OutboxDead = reader.GetInt32(10),
        };
    }
}
