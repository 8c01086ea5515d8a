using Npgsql;

namespace Retail.Core.Quality.Measures;

/// <summary>
/// What only the shop's own tables know: how many carts became orders, and the days' orders and refunds counted once more, so that a
/// metric row that was lost does not falsify a sales figure for ever. The last days are computed anew each time.
/// </summary>
public sealed class DailyFigures(NpgsqlDataSource database, MetricRates rates, TimeProvider clock)
{
    private const int Days = 3;

    // $1 from, $2 now: a cart that was touched within the hour is not abandoned yet. A cart that came to an order counts on the order's day.
    private const string Carts = """
        WITH bought AS (
            SELECT DISTINCT date_trunc('day', placed_at, 'UTC') AS at, cart_id FROM orders
            WHERE placed_at >= $1 AND cart_id IS NOT NULL AND status <> 'Cancelled' AND drill_id IS NULL),
        left_behind AS (
            SELECT DISTINCT date_trunc('day', c.updated_at, 'UTC') AS at, c.id AS cart_id FROM carts c
            WHERE c.updated_at >= $1 AND c.updated_at < $2 - interval '1 hour' AND EXISTS (SELECT FROM cart_lines l WHERE l.cart_id = c.id)
                AND NOT EXISTS (SELECT FROM bought b WHERE b.cart_id = c.id AND b.at = date_trunc('day', c.updated_at, 'UTC'))),
        counted AS (SELECT at, count(*) FILTER (WHERE gone)::float8 AS part, count(*)::float8 AS of
            FROM (SELECT at, true AS gone FROM left_behind UNION ALL SELECT at, false FROM bought) c GROUP BY at)
        """;

    private const string Checkouts = """
        WITH started AS (
            SELECT DISTINCT date_trunc('day', timestamp, 'UTC') AS at, (metadata->>'cart_id')::uuid AS cart_id FROM metric
            WHERE type = 'checkout_started' AND timestamp >= $1 AND timestamp < $2 AND NOT metadata ? 'drill_id'),
        counted AS (SELECT s.at, count(*) FILTER (WHERE EXISTS (
                SELECT FROM orders o WHERE o.cart_id = s.cart_id AND o.placed_at >= s.at AND o.placed_at < s.at + interval '2 days' AND o.status <> 'Cancelled'))::float8 AS part,
                count(*)::float8 AS of
            FROM started s GROUP BY s.at)
        """;

    private const string Orders = """
        WITH counted AS (
            SELECT date_trunc('day', placed_at, 'UTC') AS at, drill_id IS NOT NULL AS is_drill, count(*)::float8 AS number, jsonb_build_object('total', sum(total_amount)) AS sums
            FROM orders WHERE placed_at >= $1 AND placed_at < $2 GROUP BY 1, 2)
        """;

    private const string Refunds = """
        WITH counted AS (
            SELECT date_trunc('day', r.answered_at, 'UTC') AS at, o.drill_id IS NOT NULL AS is_drill, count(*)::float8 AS number, jsonb_build_object('amount', sum(r.amount_amount)) AS sums
            FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.status = 'Succeeded' AND r.answered_at >= $1 AND r.answered_at < $2 GROUP BY 1, 2)
        """;

    /// <summary>Computes the last days anew.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var from = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1 - Days), TimeSpan.Zero);
        await rates.RunAsync(from, ct);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Between(Carts + Rate("cart_abandonment"), from, now), Between(Checkouts + Rate("checkout_conversion"), from, now),
                Between(Orders + Count("orders_per_day"), from, now), Between(Refunds + Count("refunds_per_day"), from, now),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
    }

    private static string Rate(string type) => $$"""

        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums)
        SELECT 'Day', '{{type}}', '', false, at, of::bigint, 100 * part / of, of, 100 * part, 100 * part / of, 100 * part / of, 100 * part / of,
            jsonb_build_object('part', part, 'of', of) FROM counted
        ON CONFLICT (span, type, is_drill, series, starts_at) DO UPDATE SET samples = excluded.samples, total = excluded.total, weight = excluded.weight,
            weighted = excluded.weighted, least = excluded.least, most = excluded.most, latest = excluded.latest, sums = excluded.sums
        """;

    private static string Count(string type) => $$"""

        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums)
        SELECT 'Day', '{{type}}', '', is_drill, at, number::bigint, number, number, number, number, number, number, sums FROM counted
        ON CONFLICT (span, type, is_drill, series, starts_at) DO UPDATE SET total = excluded.total, sums = excluded.sums
        """;

    private static NpgsqlBatchCommand Between(string sql, DateTimeOffset from, DateTimeOffset to) => new(sql)
    {
        Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = from }, new NpgsqlParameter<DateTimeOffset> { TypedValue = to } },
    };
}
