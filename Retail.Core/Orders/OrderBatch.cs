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
/// Two round trips: lock and read, write and commit. For the one writer of the process: not for several callers at once.
/// </summary>
public sealed class OrderBatch(BatchConnection database, CatalogModel catalog, MetricRecorder metrics, TimeProvider clock, ILogger<OrderBatch> logger)
{

    // Each statement of the read gets its own snapshot (read committed), so keys and prices are read after the lock was granted.
    private const string LockStock = "SELECT variant_id, on_hand - reserved FROM stock_items WHERE variant_id = ANY($1) ORDER BY variant_id FOR NO KEY UPDATE";

    // After the stock, in the order of its keys. Sales that ended lately tell a shopper why the price is another one.
    private const string LockSales = """
        SELECT id, variant_id, price_amount, starts_at, ends_at, quantity - sold, limit_per_customer
        FROM flash_sales WHERE variant_id = ANY($1) AND ends_at > $2 ORDER BY variant_id, ends_at FOR NO KEY UPDATE
        """;

    private const string Bought = """
        SELECT l.flash_sale_id, l.flash_buyer, sum(l.quantity)::int FROM order_lines l JOIN orders o ON o.id = l.order_id
        WHERE l.flash_sale_id IN (SELECT id FROM flash_sales WHERE variant_id = ANY($1) AND ends_at > $2)
            AND l.flash_buyer = ANY($3) AND o.status NOT IN ('Cancelled', 'Refunded')
        GROUP BY l.flash_sale_id, l.flash_buyer
        """;

    private const string KnownKeys = "SELECT idempotency_key, id, number, request_hash, total_amount, total_currency FROM orders WHERE idempotency_key = ANY($1)";

    // One look-up a key by itself, and whether it is sold a column, not a condition: a join or the index of all that is sold look as
    // cheap while the shop is small, and a plan made then would go on to read the whole catalogue for each batch.
    private const string Prices = """
        SELECT v.id, v.product_id, v.sku, v.options, v.price_amount, v.price_currency, p.name, p.drill_id, v.retired_at IS NULL AND p.status = 'Published'
        FROM unnest($1) AS wanted(id)
            CROSS JOIN LATERAL (SELECT * FROM variants WHERE variants.id = wanted.id LIMIT 1) v
            CROSS JOIN LATERAL (SELECT * FROM products WHERE products.id = v.product_id LIMIT 1) p
        """;

    /// <summary>Decides every order of the list and commits. When it throws, nothing was written and nobody may be told anything.</summary>
    public async Task CommitAsync(IReadOnlyList<PendingOrder> orders, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(orders);
        var (rows, goods) = await database.UseAsync(connection => DecideAsync(connection, orders, ct), ct);
        foreach (var accepted in rows.Accepted)
            accepted.Order.Decide(new AcceptedOrder(accepted.Id, accepted.Number, accepted.Total, Replayed: false));
        foreach (var twin in rows.Twins) twin.Order.Decide(OrderRows.Answer(twin.Of));
        foreach (var item in goods.Values.Where(g => g.Taken > 0))
            catalog.SetAvailable(item.ProductId, item.VariantId, item.Available, item.Sale is { } sale ? (sale.Id, sale.Left) : null);
        Measure(rows);
        logger.BatchCommitted(rows.Count, orders.Count);
    }

    private async Task<(OrderRows Rows, Dictionary<Guid, Good> Goods)> DecideAsync(NpgsqlConnection connection, IReadOnlyList<PendingOrder> orders, CancellationToken ct)
    {
        var (known, goods, sales) = await ReadAsync(connection, orders, ct);
        var rows = Admit(orders, known, goods, sales, clock.GetUtcNow());
        // The commit travels with the writes: one that fails is an error before it, and then the server skips it.
        await using var write = rows.ToBatch(connection);
        await using var numbers = await write.ExecuteReaderAsync(ct);
        if (rows.Count > 0)
            while (await numbers.ReadAsync(ct)) rows.SetNumber(numbers.GetGuid(0), numbers.GetInt64(1));
        while (await numbers.NextResultAsync(ct)) { }   // to the end: only there it is known that the commit returned
        return (rows, goods);
    }

    // The writer works for many callers at once: each drill's orders are a row of their own.
    private void Measure(OrderRows rows)
    {
        foreach (var same in rows.Accepted.GroupBy(a => a.Order.DrillId))
        {
            DrillScope.Current = same.Key;
            metrics.Record(MetricTypes.OrdersPerDay, same.Count(), new { total = same.Sum(a => a.Total.Amount), currency = same.First().Total.Currency });
        }
        foreach (var same in rows.Short.GroupBy(s => s.Drill))
        {
            DrillScope.Current = same.Key;
            metrics.Record(MetricTypes.StockRefusals, same.Sum(s => s.Units), new { orders = same.Count() });
        }
        DrillScope.Current = null;
    }

    private async Task<(Dictionary<string, KnownOrder>, Dictionary<Guid, Good>, FlashSales)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<PendingOrder> orders, CancellationToken ct)
    {
        var variants = orders.SelectMany(o => o.Request.Lines, (_, line) => line.VariantId).Distinct().ToArray();
        var notOver = clock.GetUtcNow() - FlashSales.Remembered;
        await using var read = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(BatchConnection.Begin),
                new(LockStock) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = variants } } },
                new(LockSales) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = variants }, new NpgsqlParameter<DateTimeOffset> { TypedValue = notOver } } },
                new(KnownKeys) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. orders.Select(o => o.Request.IdempotencyKey).Distinct()] } } },
                new(Prices) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = variants } } },
                new(Bought)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid[]> { TypedValue = variants }, new NpgsqlParameter<DateTimeOffset> { TypedValue = notOver },
                        new NpgsqlParameter<string[]> { TypedValue = [.. orders.Select(o => FlashSales.BuyerOf(o.Request)).Distinct()] },
                    },
                },
            },
        };
        await using var reader = await read.ExecuteReaderAsync(ct);
        var available = new Dictionary<Guid, int>(variants.Length);
        while (await reader.ReadAsync(ct)) available[reader.GetGuid(0)] = reader.GetInt32(1);
        await reader.NextResultAsync(ct);
        var sales = new FlashSales();
        while (await reader.ReadAsync(ct))
            sales.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetDecimal(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetInt32(5), reader.GetInt32(6)));
        await reader.NextResultAsync(ct);
        var known = new Dictionary<string, KnownOrder>();
        while (await reader.ReadAsync(ct))
            known[reader.GetString(0)] = new(reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), new Money(reader.GetDecimal(4), reader.GetString(5)));
        await reader.NextResultAsync(ct);
        var goods = new Dictionary<Guid, Good>(variants.Length);
        while (await reader.ReadAsync(ct))
        {
            if (!reader.GetBoolean(8)) continue;
            goods[reader.GetGuid(0)] = new(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), string.Join(" / ", reader.GetFieldValue<string[]>(3)),
                new Money(reader.GetDecimal(4), reader.GetString(5)), reader.GetString(6), available.GetValueOrDefault(reader.GetGuid(0)), reader.IsDBNull(7) ? null : reader.GetGuid(7));
        }
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) sales.Remember(reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2));
        return (known, goods, sales);
    }

    private OrderRows Admit(IReadOnlyList<PendingOrder> orders, Dictionary<string, KnownOrder> known, Dictionary<Guid, Good> goods, FlashSales sales, DateTimeOffset now)
    {
        foreach (var good in goods.Values) good.Sale = sales.Running(good.VariantId, now);
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
            else if (RefuseLines(order, goods, sales) is { } refusal)
            {
                order.Decide(refusal);
                if (ShortOf(request, goods) is > 0 and var units) rows.Short.Add((order.DrillId, units));
                logger.Refused(refusal.Code, 1);
            }
            else
            {
                var lines = request.Lines.Select(l => Take(goods[l.VariantId], l.Quantity, FlashSales.BuyerOf(request))).ToList();
                var subtotal = lines.Aggregate(Money.Zero(lines[0].Price.Currency), (sum, l) => sum + l.Total);
                rows.Add(order, lines, subtotal, ShippingRates.PriceOf(order.ShippingMethod, subtotal));
            }
        }
        return rows;
    }

    private static ServiceError? RefuseLines(PendingOrder order, Dictionary<Guid, Good> goods, FlashSales sales)
    {
        var request = order.Request;
        foreach (var line in request.Lines)
        {
            // Goods of a drill are for the drill, and a drill takes nobody's goods.
            if (!goods.TryGetValue(line.VariantId, out var good) || good.DrillId != order.DrillId) return OrderErrors.UnknownVariant;
            var price = good.PriceFor(line.Quantity);
            if (line.Quantity > good.Available) return OrderErrors.SoldOut(good.Name, good.Available);
            if (line.ExpectedUnitPrice is { } expected && expected != price.Amount)
                return good.Sale is { } exhausted && expected == exhausted.Price ? OrderErrors.FlashSoldOut(good.Name, exhausted.Left, good.Price)
                    : good.Sale is null && sales.HadPrice(line.VariantId, expected) ? OrderErrors.FlashEnded(good.Name, price)
                    : OrderErrors.PriceChanged(good.Name, price);
            if (good.Sale is { } sale && sale.Left >= line.Quantity && sale.Limit - sale.Had(FlashSales.BuyerOf(request)) is var room && line.Quantity > room)
                return OrderErrors.LimitPerCustomer(good.Name, sale.Limit, sale.Limit - room);
        }
        return null;
    }

    private static int ShortOf(OrderRequest request, Dictionary<Guid, Good> goods) =>
        request.Lines.Sum(l => goods.TryGetValue(l.VariantId, out var good) ? Math.Max(0, l.Quantity - good.Available) : 0);

    private static AdmittedLine Take(Good good, int quantity, string buyer)
    {
        var price = good.PriceFor(quantity);
        good.Taken += quantity;
        if (good.Sale is not { } sale || sale.Left < quantity) return new(good, quantity, price, null, null);
        sale.Take(buyer, quantity);
        return new(good, quantity, price, sale, buyer);
    }

    private sealed record KnownOrder(Guid Id, long Number, string Hash, Money Total);

    /// <summary>A variant as read inside the lock, and what this batch has taken of it.</summary>
    internal sealed record Good(Guid VariantId, Guid ProductId, string Sku, string OptionText, Money Price, string Name, int AvailableAtLock, Guid? DrillId)
    {
        public int Taken { get; set; }

        public int Available => AvailableAtLock - Taken;

        /// <summary>The flash sale that runs at the batch's moment.</summary>
        public FlashSales.Sale? Sale { get; set; }

        /// <summary>The flash price as long as its set-aside has all the units that are asked for; otherwise the normal one.</summary>
        public Money PriceFor(int quantity) => Sale is { } sale && sale.Left >= quantity ? new Money(sale.Price, Price.Currency) : Price;
    }

    /// <summary>A line as it was admitted: the sale is the one that gave its price.</summary>
    internal sealed record AdmittedLine(Good Good, int Quantity, Money Price, FlashSales.Sale? Sale, string? Buyer)
    {
        public Money Total => Price * Quantity;
    }
}
