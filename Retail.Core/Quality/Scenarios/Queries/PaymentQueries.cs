namespace Retail.Core.Quality.Scenarios.Queries;

/// <summary>Whether the payment service does what orders need of it, and whether money moved once.</summary>
internal static class PaymentQueries
{
    // One order is one payment, however many attempts it took. QS-Catalog.md says in words what counts.
    private const string Success = """
        WITH attempts AS (
            SELECT DISTINCT ON (p.order_id) p.order_id, p.id, p.status, p.code, min(p.started_at) OVER (PARTITION BY p.order_id) AS began
            FROM payments p WHERE p.started_at > $1 AND p.started_at <= $2
            ORDER BY p.order_id, p.status = 'Captured' DESC, p.started_at DESC, p.id DESC),
        decided AS (
            SELECT a.*, CASE
                WHEN a.status = 'Captured' AND EXISTS (SELECT 1 FROM refunds r WHERE r.key = 'late-' || a.order_id) THEN 'charged too late'
                WHEN a.status = 'Captured' THEN 'paid'
                WHEN a.status = 'Declined' OR a.code = 'not_charged' THEN NULL
                WHEN a.status = 'Abandoned' THEN 'given up'
                WHEN a.began < $2 - interval '15 minutes' THEN 'no answer'
            END AS outcome FROM attempts a)
        SELECT 100.0 * count(*) FILTER (WHERE outcome = 'paid') / nullif(count(outcome), 0), count(outcome), max(began) FILTER (WHERE outcome IS NOT NULL),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (
                SELECT order_id, id AS payment_id, outcome, code, began FROM decided WHERE outcome IS NOT NULL ORDER BY outcome = 'paid', began DESC LIMIT 20) r)::text
        FROM decided
        """;

    private const string Twice = """
        WITH captured AS (
            SELECT order_id, count(*) AS charges, max(started_at) AS newest, array_agg(gateway_id) AS gateway_ids
            FROM payments WHERE status = 'Captured' AND started_at > $1 AND started_at <= $2 GROUP BY order_id)
        SELECT count(*) FILTER (WHERE charges > 1)::float8, count(*), max(newest),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT order_id, charges, gateway_ids FROM captured WHERE charges > 1 ORDER BY order_id LIMIT 20) r)::text
        FROM captured
        """;

    private const string Unpaid = """
        WITH paid AS (
            SELECT o.id, o.number, o.status, o.placed_at,
                EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = 'Captured' AND p.gateway_id IS NOT NULL) AS captured
            FROM orders o WHERE o.status IN ('Paid', 'Shipped', 'PartiallyRefunded') AND o.placed_at > $1 AND o.placed_at <= $2)
        SELECT count(*) FILTER (WHERE NOT captured)::float8, count(*), max(placed_at),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT id AS order_id, number, status, placed_at FROM paid WHERE NOT captured ORDER BY number LIMIT 20) r)::text
        FROM paid
        """;

    public static readonly NamedQuery SuccessRate = NamedQuery.OfOrders("payment_success_rate", "%",
        "Percent of orders that the payment service charged, of those that it had to decide; declines and orders called off are left out", "orders", Success);

    public static readonly NamedQuery ChargedTwice = NamedQuery.OfOrders("orders_charged_twice", "",
        "Orders with more than one captured payment", "charged orders", Twice);

    public static readonly NamedQuery PaidWithoutPayment = NamedQuery.OfOrders("paid_without_payment", "",
        "Orders that stand as paid without a captured payment of the gateway", "paid orders", Unpaid);
}
