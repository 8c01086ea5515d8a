using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Metrics;

namespace Retail.Core.Orders;

/// <summary>
/// One transaction that admits many orders: locks the stock rows in key order, decides first come first served at the
/// prices read inside the lock, all lines of an order or none, writes everything with one statement a table, commits.
/// </summary>
public sealed class OrderBatch(NpgsqlDataSource database, CatalogModel catalog, MetricRecorder metrics, TimeProvider clock, ILogger<OrderBatch> logger)
{
    // A plan made while the tables were small would read all of orders for each batch until the next ANALYZE, a million rows later.
    private const string ByIndex = "SET LOCAL enable_seqscan = off";

    // Each statement of the read gets its own snapshot (read committed), so keys and prices are read after the lock was granted.
    private const string LockStock = "SELECT variant_id, on_hand - reserved FROM stock_items WHERE variant_id = ANY($1) ORDER BY variant_id FOR NO KEY UPDATE";
    private const string KnownKeys = "SELECT idempotency_key, id, number, request_hash, total_amount, total_currency FROM orders WHERE idempotency_key = ANY($1)";
    private const string Prices = """
        SELECT v.id, v.product_id, v.sku, v.options, v.price_amount, v.price_currency, p.name
        FROM variants v JOIN products p ON p.id = v.product_id
        WHERE v.id = ANY($1) AND v.retired_at IS NULL AND p.status = 'Published'
        """;

    /// <summary>Decides every order of the list and commits. When it throws, nothing was written and nobody may be told anything.</summary>
    public async Task CommitAsync(IReadOnlyList<PendingOrder> orders, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (known, goods) = await ReadAsync(connection, orders, ct);
        var rows = Admit(orders, known, goods, clock.GetUtcNow());
        if (rows.Count > 0)
        {
            await using var write = rows.ToBatch(connection);
            await using (var numbers = await write.ExecuteReaderAsync(ct))
                while (await numbers.ReadAsync(ct)) rows.SetNumber(numbers.GetGuid(0), numbers.GetInt64(1));
        }
        await transaction.CommitAsync(ct);

        foreach (var accepted in rows.Accepted)
            accepted.Order.Decide(new AcceptedOrder(accepted.Id, accepted.Number, accepted.Total, Replayed: false));
        foreach (var twin in rows.Twins) twin.Order.Decide(OrderRows.Answer(twin.Of));
        foreach (var item in goods.Values.Where(g => g.Taken > 0)) catalog.SetAvailable(item.ProductId, item.VariantId, item.Available);
        if (rows.Count > 0)
            metrics.Record(MetricTypes.OrdersPerDay, rows.Count, new { total = rows.Accepted.Sum(a => a.Total.Amount), currency = rows.Accepted[0].Total.Currency });
        logger.BatchCommitted(rows.Count, orders.Count);
    }

    private static async Task<(Dictionary<string, KnownOrder>, Dictionary<Guid, Good>)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<PendingOrder> orders, CancellationToken ct)
    {
        var variants = orders.SelectMany(o => o.Request.Lines, (_, line) => line.VariantId).Distinct().ToArray();
        await using var read = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ByIndex),
                new(LockStock) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = variants } } },
                new(KnownKeys) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. orders.Select(o => o.Request.IdempotencyKey).Distinct()] } } },
                new(Prices) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = variants } } },
            },
        };
        await using var reader = await read.ExecuteReaderAsync(ct);
        var available = new Dictionary<Guid, int>(variants.Length);
        while (await reader.ReadAsync(ct)) available[reader.GetGuid(0)] = reader.GetInt32(1);
        await reader.NextResultAsync(ct);
        var known = new Dictionary<string, KnownOrder>();
        while (await reader.ReadAsync(ct))
            known[reader.GetString(0)] = new(reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), new Money(reader.GetDecimal(4), reader.GetString(5)));
        await reader.NextResultAsync(ct);
        var goods = new Dictionary<Guid, Good>(variants.Length);
        while (await reader.ReadAsync(ct))
            goods[reader.GetGuid(0)] = new(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), string.Join(" / ", reader.GetFieldValue<string[]>(3)),
                new Money(reader.GetDecimal(4), reader.GetString(5)), reader.GetString(6), available.GetValueOrDefault(reader.GetGuid(0)));
        return (known, goods);
    }

    private OrderRows Admit(IReadOnlyList<PendingOrder> orders, Dictionary<string, KnownOrder> known, Dictionary<Guid, Good> goods, DateTimeOffset now)
    {
        var rows = new OrderRows(now);
        foreach (var order in orders)
        {
            var request = order.Request;
            if (known.TryGetValue(request.IdempotencyKey, out var earlier))
                order.Decide(earlier.Hash == order.Hash ? new AcceptedOrder(earlier.Id, earlier.Number, earlier.Total, Replayed: true) : OrderErrors.KeyReused);
            else if (rows.FindKey(request.IdempotencyKey) is { } twin)
            {
                if (twin.Order.Hash == order.Hash) rows.Twins.Add((order, twin));
                else order.Decide(OrderErrors.KeyReused);
            }
            else if (RefuseLines(request, goods) is { } refusal)
            {
                order.Decide(refusal);
                logger.Refused(refusal.Code, 1);
            }
            else
            {
                var lines = request.Lines.Select(l => (Good: goods[l.VariantId], l.Quantity)).ToList();
                foreach (var (good, quantity) in lines) good.Taken += quantity;
                var subtotal = lines.Aggregate(Money.Zero(lines[0].Good.Price.Currency), (sum, l) => sum + l.Good.Price * l.Quantity);
                rows.Add(order, lines, subtotal, ShippingRates.PriceOf(order.ShippingMethod, subtotal));
            }
        }
        return rows;
    }

    private static ServiceError? RefuseLines(OrderRequest request, Dictionary<Guid, Good> goods)
    {
        foreach (var line in request.Lines)
        {
            if (!goods.TryGetValue(line.VariantId, out var good)) return OrderErrors.UnknownVariant;
            if (line.ExpectedUnitPrice is { } expected && expected != good.Price.Amount) return OrderErrors.PriceChanged(good.Name, good.Price);
            if (line.Quantity > good.Available) return OrderErrors.SoldOut(good.Name, good.Available);
        }
        return null;
    }

    private sealed record KnownOrder(Guid Id, long Number, string Hash, Money Total);

    /// <summary>A variant as read inside the lock, and what this batch has taken of it.</summary>
    internal sealed record Good(Guid VariantId, Guid ProductId, string Sku, string OptionText, Money Price, string Name, int AvailableAtLock)
    {
        public int Taken { get; set; }

        public int Available => AvailableAtLock - Taken;
    }
}
