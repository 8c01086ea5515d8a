using Npgsql;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>
/// The one check of all proofs: what must be true of orders, stock, ledger and money, whatever was killed when. Each fault is a
/// sentence; that it finds faults is shown by <see cref="SabotageTests"/>, which plants them.
/// </summary>
internal static class OrderBooks
{
    public const string Oversold = "more units were sold than there were", TwoOrders = "a key has two orders", Incident = "a constraint had to stop the stock from going wrong";

    private static readonly (string Fault, string Rows)[] Always =
    [
        ("the stock is not what its ledger sums to", """
            SELECT 1 FROM stock_items s LEFT JOIN (SELECT variant_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved FROM stock_movements GROUP BY 1) m USING (variant_id)
            WHERE s.on_hand <> coalesce(m.on_hand, 0) OR s.reserved <> coalesce(m.reserved, 0)
            """),
        ("units are reserved that no open order holds, or the other way round", """
            SELECT 1 FROM stock_items s LEFT JOIN (SELECT variant_id, sum(quantity) AS units FROM order_lines l JOIN orders o ON o.id = l.order_id AND o.status IN ('Placed', 'PaymentPending') GROUP BY 1) l USING (variant_id)
            WHERE s.reserved <> coalesce(l.units, 0)
            """),
        (Oversold, """
            SELECT 1 FROM stock_items s
            LEFT JOIN (SELECT variant_id, sum(on_hand_delta) AS put_in FROM stock_movements WHERE kind IN ('Adjusted', 'Restocked') GROUP BY 1) m USING (variant_id)
            LEFT JOIN (SELECT variant_id, sum(quantity) AS units FROM order_lines l JOIN orders o ON o.id = l.order_id AND o.status IN ('Placed', 'PaymentPending', 'Paid', 'Shipped') GROUP BY 1) l USING (variant_id)
            WHERE s.reserved < 0 OR s.reserved > s.on_hand OR coalesce(l.units, 0) > coalesce(m.put_in, 0)
            """),
        ("a flash sale has sold another number than its orders say", """
            SELECT 1 FROM flash_sales f WHERE f.sold > f.quantity OR f.sold <> (SELECT coalesce(sum(l.quantity), 0) FROM order_lines l
                WHERE l.flash_sale_id = f.id AND NOT EXISTS (SELECT 1 FROM order_transitions t WHERE t.order_id = l.order_id AND t.to_status = 'Cancelled'))
            """),
        (TwoOrders, "SELECT 1 FROM orders GROUP BY idempotency_key HAVING count(*) > 1"),
        ("an order's lines don't sum to it", """
            SELECT 1 FROM orders o WHERE o.subtotal_amount + o.shipping_amount <> o.total_amount
                OR o.subtotal_amount IS DISTINCT FROM (SELECT sum(l.line_total_amount) FROM order_lines l WHERE l.order_id = o.id)
            """),
        ("an order has no payment, no history or no promise that it is settled", """
            SELECT 1 FROM orders o WHERE NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id) OR NOT EXISTS (SELECT 1 FROM order_transitions t WHERE t.order_id = o.id)
                OR (o.status IN ('Placed', 'PaymentPending') AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.kind = 'settle-payment' AND x.key = o.id::text AND x.status = 'Waiting'))
            """),
        ("an order is paid without one captured payment", """
            SELECT 1 FROM orders o LEFT JOIN (SELECT order_id, count(*) AS captured FROM payments WHERE status = 'Captured' GROUP BY 1) p ON p.order_id = o.id
            WHERE coalesce(p.captured, 0) > 1 OR (o.status IN ('Paid', 'Shipped', 'PartiallyRefunded', 'Refunded') AND coalesce(p.captured, 0) <> 1)
            """),
        ("more went back than was captured", """
            SELECT 1 FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.status <> 'Refused' GROUP BY p.id, p.amount_amount HAVING sum(r.amount_amount) > p.amount_amount
            """),
        ("a promise was given up", "SELECT 1 FROM outbox WHERE status = 'Dead'"),
        (Incident, "SELECT 1 FROM metric WHERE type = 'stock_conflicts'"),
    ];

    // Both sides name the order, the cents taken and the cents given back.
    private const string Ours = """
        SELECT o.id, p.amount_amount, coalesce((SELECT sum(r.amount_amount) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'Succeeded'), 0)
        FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.status = 'Captured'
        """;

    private const string Theirs = """
        SELECT (i.metadata ->> 'order_id')::uuid, i.amount / 100.0, coalesce((SELECT sum(r.amount) FROM simulator.refunds r WHERE r.payment_intent = i.id), 0) / 100.0
        FROM simulator.payment_intents i WHERE i.status = 'succeeded'
        """;

    /// <summary>What is wrong at this moment; may be asked while a sale runs.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(string connectionString)
    {
        await using var connection = await OpenAsync(connectionString);
        var faults = new List<string>();
        foreach (var (fault, rows) in Always)
        {
            await using var command = new NpgsqlCommand($"SELECT count(*) FROM ({rows}) AS wrong", connection);
            if ((long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))! is > 0 and var count) faults.Add($"{fault} ({count})");
        }
        return faults;
    }

    /// <summary>The same, and the gateway's own books beside ours; when nothing is under way any more.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(string connectionString, string gateway)
    {
        var faults = (await FaultsAsync(connectionString)).ToList();
        var (ours, theirs) = (await MoneyAsync(connectionString, Ours), await MoneyAsync(gateway, Theirs));
        var twice = theirs.GroupBy(m => m.Order).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
        if (twice.Count > 0) faults.Add($"the gateway charged an order twice ({twice.Count}: {twice[0]})");
        if (theirs.Except(ours).ToList() is [var taken, ..] more) faults.Add($"the gateway took or gave back what we don't know of ({more.Count}: {taken})");
        if (ours.Except(theirs).ToList() is [var claimed, ..] less) faults.Add($"we say that money moved, the gateway doesn't ({less.Count}: {claimed})");
        return faults;
    }

    private static async Task<List<Money>> MoneyAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var money = new List<Money>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) money.Add(new(reader.GetGuid(0), reader.GetDecimal(1), reader.GetDecimal(2)));
        return money;
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private sealed record Money(Guid Order, decimal Taken, decimal GivenBack);
}
