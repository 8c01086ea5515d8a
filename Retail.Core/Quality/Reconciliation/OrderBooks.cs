using Npgsql;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>Orders whose figures or payments do not agree, and rows that refer to nothing. The foreign keys forbid most of it; this asks all the same.</summary>
internal static class OrderBooks
{
    private const string Totals = """
        SELECT o.id, 'Order ' || o.number, concat_ws(' ',
            CASE WHEN l.lines = 0 OR l.lines IS NULL THEN 'It has no line.' END,
            CASE WHEN abs(o.subtotal_amount - coalesce(l.sum, 0)) > 0.01 THEN 'Its lines sum to ' || coalesce(l.sum, 0) || ', its subtotal is ' || o.subtotal_amount || '.' END,
            CASE WHEN abs(o.total_amount - o.subtotal_amount - o.shipping_amount) > 0.01
                THEN 'Its total is ' || o.total_amount || ', subtotal and shipping make ' || o.subtotal_amount + o.shipping_amount || '.' END,
            CASE WHEN l.wrong > 0 THEN l.wrong || ' of its lines are not units times price.' END,
            CASE WHEN l.strange > 0 THEN l.strange || ' of its lines are in another currency.' END)
        FROM orders o LEFT JOIN (
            SELECT l.order_id, count(*) AS lines, sum(l.line_total_amount) AS sum,
                count(*) FILTER (WHERE abs(l.line_total_amount - l.unit_price_amount * l.quantity) > 0.01) AS wrong,
                count(*) FILTER (WHERE l.line_total_currency <> l.unit_price_currency) AS strange
            FROM order_lines l GROUP BY l.order_id) l ON l.order_id = o.id
        WHERE l.lines IS NULL OR abs(o.subtotal_amount - l.sum) > 0.01 OR abs(o.total_amount - o.subtotal_amount - o.shipping_amount) > 0.01 OR l.wrong > 0 OR l.strange > 0
        ORDER BY o.number
        """;

    private const string Payments = """
        WITH paid AS (SELECT DISTINCT order_id FROM order_transitions WHERE to_status = 'Paid'),
        money AS (
            SELECT p.order_id, count(DISTINCT p.gateway_id) AS charges, count(*) FILTER (WHERE p.gateway_id IS NULL OR p.gateway_id = '') AS nameless, max(p.amount_amount) AS charged
            FROM payments p WHERE p.status = 'Captured' GROUP BY p.order_id),
        back AS (SELECT r.order_id, sum(r.amount_amount) AS amount FROM refunds r WHERE r.status <> 'Refused' GROUP BY r.order_id)
        SELECT o.id, 'Order ' || o.number, concat_ws(' ',
            CASE WHEN paid.order_id IS NOT NULL AND money.order_id IS NULL THEN 'It counts as paid, and no payment was captured.' END,
            CASE WHEN money.nameless > 0 THEN 'A captured payment has no reference of the gateway.' END,
            CASE WHEN money.charges > 1 THEN 'It was charged ' || money.charges || ' times.' END,
            CASE WHEN abs(money.charged - o.total_amount) > 0.01 THEN 'It was charged ' || money.charged || ' instead of ' || o.total_amount || '.' END,
            CASE WHEN back.amount > coalesce(money.charged, 0) + 0.01 THEN back.amount || ' went back of ' || coalesce(money.charged, 0) || ' charged.' END,
            CASE WHEN money.order_id IS NOT NULL AND paid.order_id IS NULL AND back.order_id IS NULL THEN 'Money was captured, and the order does not count as paid.' END)
        FROM orders o LEFT JOIN paid ON paid.order_id = o.id LEFT JOIN money ON money.order_id = o.id LEFT JOIN back ON back.order_id = o.id
        WHERE (paid.order_id IS NOT NULL AND money.order_id IS NULL) OR money.nameless > 0 OR money.charges > 1 OR abs(money.charged - o.total_amount) > 0.01
            OR back.amount > coalesce(money.charged, 0) + 0.01 OR (money.order_id IS NOT NULL AND paid.order_id IS NULL AND back.order_id IS NULL)
        ORDER BY o.number
        """;

    private const string Orphans = """
        SELECT l.order_id, 'order_lines', 'Line ' || l.position || ' belongs to no order.' FROM order_lines l WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = l.order_id)
        UNION ALL SELECT l.order_id, 'order_lines', 'Line ' || l.position || ' (' || l.sku || ') is of no variant.' FROM order_lines l WHERE NOT EXISTS (SELECT 1 FROM variants v WHERE v.id = l.variant_id)
        UNION ALL SELECT l.cart_id, 'cart_lines', 'A line belongs to no cart.' FROM cart_lines l WHERE NOT EXISTS (SELECT 1 FROM carts c WHERE c.id = l.cart_id)
        UNION ALL SELECT l.cart_id, 'cart_lines', 'A line is of no variant.' FROM cart_lines l WHERE NOT EXISTS (SELECT 1 FROM variants v WHERE v.id = l.variant_id)
        UNION ALL SELECT p.order_id, 'payments', 'A payment belongs to no order.' FROM payments p WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = p.order_id)
        UNION ALL SELECT r.order_id, 'refunds', 'A refund belongs to no order or payment.' FROM refunds r
            WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = r.order_id) OR NOT EXISTS (SELECT 1 FROM payments p WHERE p.id = r.payment_id)
        UNION ALL SELECT t.order_id, 'order_transitions', 'A change of state belongs to no order.' FROM order_transitions t WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = t.order_id)
        UNION ALL SELECT s.variant_id, 'stock_items', 'Stock of no variant.' FROM stock_items s WHERE NOT EXISTS (SELECT 1 FROM variants v WHERE v.id = s.variant_id)
        UNION ALL SELECT m.variant_id, 'stock_movements', 'A line of the ledger is of no stock.' FROM stock_movements m WHERE NOT EXISTS (SELECT 1 FROM stock_items s WHERE s.variant_id = m.variant_id)
        UNION ALL SELECT m.order_id, 'stock_movements', 'A line of the ledger is for no order.' FROM stock_movements m
            WHERE m.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = m.order_id)
        UNION ALL SELECT v.product_id, 'variants', v.sku || ' is of no product.' FROM variants v WHERE NOT EXISTS (SELECT 1 FROM products p WHERE p.id = v.product_id)
        """;

    /// <summary>All that is wrong; the counts are of all, the findings of the first so many.</summary>
    public static async Task<(int Totals, int Payments, int Orphans)> ReadAsync(NpgsqlConnection connection, List<ReconciliationFinding> findings, CancellationToken ct) => (
        await ReadAsync(connection, Totals, FindingKind.Totals, findings, ct),
        await ReadAsync(connection, Payments, FindingKind.Payments, findings, ct),
        await ReadAsync(connection, Orphans, FindingKind.Orphans, findings, ct));

    private static async Task<int> ReadAsync(NpgsqlConnection connection, string sql, FindingKind kind, List<ReconciliationFinding> findings, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var count = 0;
        while (await reader.ReadAsync(ct))
        {
            count++;
            if (findings.Count < ReconciliationRun.MaxFindings)
                findings.Add(new ReconciliationFinding { Kind = kind, Severity = Severity.Critical, SubjectId = reader.GetGuid(0), Subject = reader.GetString(1), Words = reader.GetString(2) });
        }
        return count;
    }
}
