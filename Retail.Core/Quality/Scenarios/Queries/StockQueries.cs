namespace Retail.Core.Quality.Scenarios.Queries;

/// <summary>Whether goods were sold that are not there, and whether everything that knows of stock agrees.</summary>
internal static class StockQueries
{
    // Twice, and never from the counter: what orders hold by their lines and status, and what the ledger says that orders took.
    // An order that was cancelled or refunded holds its units only if it was paid before: what came back then is in the ledger as Restocked.
    private const string Oversold = """
        WITH touched AS (
            SELECT DISTINCT l.variant_id FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.placed_at > $1 AND o.placed_at <= $2),
        lines AS (
            SELECT l.variant_id, l.quantity, o.placed_at,
                o.status IN ('Placed', 'PaymentPending', 'Paid', 'Shipped', 'PartiallyRefunded')
                OR EXISTS (SELECT 1 FROM order_transitions x WHERE x.order_id = o.id AND x.to_status = 'Paid') AS holds
            FROM touched t JOIN order_lines l ON l.variant_id = t.variant_id JOIN orders o ON o.id = l.order_id),
        by_lines AS (
            SELECT variant_id, coalesce(sum(quantity) FILTER (WHERE holds), 0) AS taken, count(*) AS lines, max(placed_at) AS newest FROM lines GROUP BY variant_id),
        by_ledger AS (
            SELECT t.variant_id,
                coalesce(sum(m.on_hand_delta) FILTER (WHERE m.kind IN ('Adjusted', 'Restocked')), 0) AS given,
                coalesce(sum(m.reserved_delta), 0) - coalesce(sum(m.on_hand_delta) FILTER (WHERE m.kind = 'Sold'), 0) AS taken
            FROM touched t LEFT JOIN stock_movements m ON m.variant_id = t.variant_id GROUP BY t.variant_id),
        counted AS (
            SELECT b.variant_id, v.sku, g.given, b.taken AS taken_by_orders, g.taken AS taken_by_ledger, b.lines, b.newest,
                greatest(b.taken - g.given, g.taken - g.given, 0) AS oversold
            FROM by_lines b JOIN by_ledger g ON g.variant_id = b.variant_id LEFT JOIN variants v ON v.id = b.variant_id)
        SELECT coalesce(sum(oversold), 0)::float8, coalesce(sum(lines), 0)::bigint, max(newest),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (
                SELECT sku, variant_id, given, taken_by_orders, taken_by_ledger, oversold FROM counted ORDER BY oversold DESC, taken_by_orders DESC, variant_id LIMIT 20) r)::text
        FROM counted
        """;

    private const string Differences = """
        WITH ledger AS (
            SELECT variant_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved FROM stock_movements GROUP BY variant_id),
        open AS (
            SELECT l.variant_id, sum(l.quantity) AS reserved FROM orders o JOIN order_lines l ON l.order_id = o.id
            WHERE o.status IN ('Placed', 'PaymentPending') GROUP BY l.variant_id),
        compared AS (
            SELECT s.variant_id, s.on_hand, s.reserved, coalesce(g.on_hand, 0) AS ledger_on_hand, coalesce(g.reserved, 0) AS ledger_reserved, coalesce(o.reserved, 0) AS in_open_orders
            FROM stock_items s LEFT JOIN ledger g ON g.variant_id = s.variant_id LEFT JOIN open o ON o.variant_id = s.variant_id),
        wrong AS (
            SELECT * FROM compared WHERE on_hand <> ledger_on_hand OR reserved <> ledger_reserved OR reserved <> in_open_orders OR reserved < 0 OR reserved > on_hand)
        SELECT (SELECT count(*) FROM wrong)::float8, (SELECT count(*) FROM compared), NULL::timestamptz,
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT v.sku, w.* FROM wrong w LEFT JOIN variants v ON v.id = w.variant_id ORDER BY w.variant_id LIMIT 20) r)::text
        """;

    public static readonly NamedQuery OversoldUnits = NamedQuery.OfOrders("oversold_units", "",
        "Units that orders hold or have taken beyond what ever came into the warehouse", "order lines", Oversold);

    public static readonly NamedQuery StockDifferences = NamedQuery.OfSql("stock_differences", "",
        "Variants whose stock is not the sum of the ledger, or whose reserved units are not those of open orders", "variants", Differences);
}
