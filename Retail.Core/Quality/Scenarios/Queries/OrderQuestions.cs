namespace Retail.Core.Quality.Scenarios.Queries;

/// <summary>Whether orders are whole, alone under their key, and add up.</summary>
internal static class OrderQuestions
{
    private const string Keys = """
        WITH same AS (
            SELECT idempotency_key, count(*) AS orders, max(placed_at) AS newest, array_agg(number) AS numbers
            FROM orders WHERE placed_at > $1 AND placed_at <= $2 GROUP BY idempotency_key)
        SELECT coalesce(sum(orders - 1), 0)::float8, coalesce(sum(orders), 0)::bigint, max(newest),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT idempotency_key, orders, numbers FROM same WHERE orders > 1 ORDER BY idempotency_key LIMIT 20) r)::text
        FROM same
        """;

    private const string Totals = """
        WITH summed AS (
            SELECT o.id, o.number, o.placed_at, o.subtotal_amount, o.shipping_amount, o.total_amount, coalesce(sum(l.line_total_amount), 0) AS lines,
                coalesce(sum(l.unit_price_amount * l.quantity), 0) AS prices
            FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id WHERE o.placed_at > $1 AND o.placed_at <= $2
            GROUP BY o.id, o.number, o.placed_at, o.subtotal_amount, o.shipping_amount, o.total_amount),
        wrong AS (
            SELECT * FROM summed WHERE abs(total_amount - lines - shipping_amount) > 0.01 OR abs(subtotal_amount - lines) > 0.01 OR abs(prices - lines) > 0.01)
        SELECT (SELECT count(*) FROM wrong)::float8, count(*), max(placed_at),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (
                SELECT id AS order_id, number, total_amount AS total, shipping_amount AS shipping, lines, prices FROM wrong ORDER BY number LIMIT 20) r)::text
        FROM summed
        """;

    // Foreign keys forbid most of it; that they still stand is a part of the question.
    private const string Orphans = """
        WITH orphans AS (
            SELECT 'order without a line' AS what, o.id::text AS key FROM orders o
            WHERE o.placed_at > $1 AND o.placed_at <= $2 AND NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id)
            UNION ALL SELECT 'order without a payment', o.id::text FROM orders o
            WHERE o.placed_at > $1 AND o.placed_at <= $2 AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id)
            UNION ALL SELECT 'line without an order', l.order_id::text FROM order_lines l WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = l.order_id)
            UNION ALL SELECT 'payment without an order', p.id::text FROM payments p WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = p.order_id)
            UNION ALL SELECT 'ledger line without an order', m.id::text FROM stock_movements m WHERE m.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = m.order_id)
            UNION ALL SELECT 'cart line without a cart', c.cart_id::text FROM cart_lines c WHERE NOT EXISTS (SELECT 1 FROM carts k WHERE k.id = c.cart_id))
        SELECT (SELECT count(*) FROM orphans)::float8,
            (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_lines) + (SELECT count(*) FROM payments) + (SELECT count(*) FROM cart_lines), NULL::timestamptz,
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT what, key FROM orphans ORDER BY what, key LIMIT 20) r)::text
        """;

    public static readonly NamedQuery SharingAKey = NamedQuery.OfOrders("orders_sharing_a_key", "", "Orders beyond the first under one idempotency key", "orders", Keys);

    public static readonly NamedQuery TotalDifferences = NamedQuery.OfOrders("order_total_differences", "", "Orders whose total is not their lines and shipping, within 0.01", "orders", Totals);

    public static readonly NamedQuery OrphanRows = NamedQuery.OfSql("orphan_rows", "",
        "Orders without a line or a payment; lines, payments, cart lines and reservations without what they belong to", "rows", Orphans);
}
