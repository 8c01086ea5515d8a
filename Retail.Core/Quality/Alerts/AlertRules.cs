using Retail.Core.Metrics;
using static Retail.Core.Quality.Alerts.AlertSeverity;
using static Retail.Core.Quality.Alerts.AlertSql;

namespace Retail.Core.Quality.Alerts;

/// <summary>What is watched. A new rule is an entry here, and a line in docs/alerts.md.</summary>
public static class AlertRules
{
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private const string Errors = "coalesce((metadata->>'errors_4xx')::bigint, 0) + coalesce((metadata->>'errors_5xx')::bigint, 0)";
    private const string ServerErrors = "coalesce((metadata->>'errors_5xx')::bigint, 0)";
    private const string OrderRoutes = "metadata->>'method' = 'POST' AND trim('/' from metadata->>'route') IN ('checkout', 'api/orders', 'cart/flash-checkout')";

    /// <summary>All rules, in the order of the documents that ask for them.</summary>
    public static IReadOnlyList<AlertRule> All { get; } =
    [
        new("order-failures", "Orders can't be taken", Critical, "%", 5)
        {
            Source = "D0-65", MinSample = 20, For = TimeSpan.FromMinutes(1),
            Advice = "Look at the log for \u201cRolling back\u201d and at the database. While it lasts, switch the ORDERS flag off.",
            Sql = $"""
                SELECT 100.0 * coalesce(sum(n) FILTER (WHERE bad), 0) / nullif(sum(n), 0), coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE bad), 0) || ' of ' || coalesce(sum(n), 0) || ' orders'
                FROM (SELECT (metadata->>'count')::bigint AS n, metadata->>'outcome' IN ('busy', 'not_taken') AS bad FROM metric WHERE {Recent(MetricTypes.OrderAcceptMs, 5)}
                      UNION ALL SELECT value::bigint, true FROM metric WHERE {Recent(MetricTypes.OrdersRefusedBusy, 5)}) orders
                """,
        },
        new("reservation-failures", "Reserving stock fails", Critical, "%", 2)
        {
            Source = "D0-66", MinSample = 20, For = TimeSpan.FromMinutes(1),
            Advice = "Look at the log for \u201cFailed to reserve stock\u201d. Polite refusals because of empty shelves are not counted.",
            Sql = $"""
                SELECT 100.0 * coalesce(sum(n) FILTER (WHERE bad), 0) / nullif(sum(n), 0), coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE bad), 0) || ' of ' || coalesce(sum(n), 0) || ' reservations'
                FROM (SELECT (metadata->>'count')::bigint AS n, false AS bad FROM metric WHERE {Recent(MetricTypes.OrderAcceptMs, 5)}
                      UNION ALL SELECT value::bigint, true FROM metric WHERE {Recent(MetricTypes.OrderBatchFailed, 5)}) tries
                """,
        },
        new("deadlocks", "The database breaks deadlocks", Critical, "deadlocks", 0)
        {
            Source = "D0-67",
            Advice = "The database's log names both statements. Something takes rows in another order than by key.",
            Sql = Sum(Recent(MetricTypes.Deadlocks, 10)),
        },
        new("service-errors", "The store\u2019s services fail", Critical, "%", 1)
        {
            Source = "D0-68", MinSample = 100, For = TimeSpan.FromMinutes(1),
            Advice = "The dashboard's recent errors lead to their log lines. If it began with a release, roll back.",
            Sql = Share("coalesce((metadata->>'failed')::bigint, 0)", "value", Recent(MetricTypes.ServiceCall, 5)),
        },
        new("order-slow", "Ordering is slow (p95)", Warning, "ms", 5000)
        {
            Source = "D0-69", MinSample = 10, For = FiveMinutes,
            Advice = "Look whether the payment gateway or the database takes the time.",
            Sql = Percentile(0.95, RecentRequests(5, OrderRoutes)),
        },
        new("listing-slow", "Lists are slow (p95)", Warning, "ms", 1000)
        {
            Source = "D0-70", MinSample = 50, For = FiveMinutes,
            Advice = "Look at the processor and at how often the read model is rebuilt.",
            Sql = Percentile(0.95, RecentRequests(5, "trim('/' from metadata->>'route') = 'products'")),
        },
        new("cache-hits", "Too few requests are served from memory", Warning, "%", 80)
        {
            Source = "D0-71", FiresBelow = true, MinSample = 100, For = FiveMinutes,
            Advice = "Is the PRODUCTS flag off, or does the read model lose its listening connection?",
            Sql = Share("(metadata->>'hits')::bigint", "(metadata->>'total')::bigint", Recent(MetricTypes.ReadModel, 5)),
        },
        new("pool-full", "Database connections run out", Warning, "%", 80)
        {
            Source = "D0-72", For = TimeSpan.FromMinutes(2),
            Advice = "Look for long queries, then for a node that asks too much.",
            Sql = $"""
                SELECT max(busy), count(*), NULL::text FROM (
                    SELECT avg(100.0 * value / nullif((metadata->>'max')::int, 0)) AS busy FROM metric WHERE {Recent(MetricTypes.PoolInUse, 3)} GROUP BY metadata->>'node') nodes
                """,
        },
        new("error-rate", "Too many answers are errors", Critical, "%", 5)
        {
            Source = "D1-80, D4-32, D4-44", MinSample = 100, For = TimeSpan.FromMinutes(1),
            Advice = "The dashboard's recent errors lead to their log lines. If it began with a release, roll back.",
            Sql = Share(Errors, "value", RecentRequests(5)),
        },
        new("payment-success", "Payments fail", Critical, "%", 95)
        {
            Source = "D1-81, D4-49", FiresBelow = true, MinSample = 10, For = TimeSpan.FromMinutes(2),
            Advice = "Look at the gateway's status page and at the circuit. Orders are kept and settled later; declined cards are not counted.",
            Sql = $"""
                SELECT 100.0 * count(*) FILTER (WHERE metadata->>'outcome' = 'paid') / nullif(count(*), 0), count(*), count(*) FILTER (WHERE metadata->>'outcome' <> 'paid') || ' without an answer'
                FROM metric WHERE {Recent(MetricTypes.PaymentAttempt, 15)} AND metadata->>'outcome' <> 'declined'
                """,
        },
        new("stock-conflicts", "Stock went wrong", Critical, "incidents", 0)
        {
            Source = "D1-82, D4-47", MinSample = 0,
            Advice = "Run the reconciliation: it says which variant, and by how much. Stop its sale until it balances.",
            // Those of drills too: the shelf is the same.
            Sql = "SELECT coalesce(sum(value), 0), count(*), string_agg(DISTINCT metadata->>'source', ', ') FROM metric WHERE type = 'stock_conflicts' AND timestamp > $1::timestamptz - interval '15 minutes' AND timestamp <= $1::timestamptz",
        },
        new("circuit-open", "The payment circuit is open", Critical, "nodes", 0)
        {
            Source = "D1-83", MinSample = 0,
            Advice = "The gateway does not answer. Shoppers are told that payment is processed later; the worker settles it when the gateway is back.",
            Sql = """
                SELECT count(*) FILTER (WHERE state = 2), count(*), string_agg(node, ', ') FILTER (WHERE state = 2) FROM (
                    SELECT DISTINCT ON (metadata->>'node') metadata->>'node' AS node, value AS state FROM metric
                    WHERE type = 'circuit_breaker_state' AND timestamp > $1::timestamptz - interval '1 hour' AND timestamp <= $1::timestamptz ORDER BY metadata->>'node', timestamp DESC, id DESC) latest
                """,
        },
        new("server-errors", "5xx answers keep coming", Critical, "/s", 0.1)
        {
            Source = "D2-23", For = FiveMinutes,
            Advice = "The dashboard's recent errors lead to their log lines.",
            Sql = $"SELECT coalesce(sum({ServerErrors}), 0) / 60.0, count(*), coalesce(sum({ServerErrors}), 0) || ' in a minute' FROM metric WHERE {RecentRequests(1)}",
        },
        new("memory", "Memory runs out", Warning, "%", 80)
        {
            Source = "D2-24, D4-56", For = TimeSpan.FromMinutes(10),
            Advice = "Restart the node when it goes on, and keep its dump.",
            Sql = PerNode("avg", "memory_percent"),
        },
        new("disk-full", "A disk fills up", Warning, "%", 90)
        {
            Source = "D2-20", For = TimeSpan.FromMinutes(2),
            Advice = "Look at the logs\u2019 folder and at the database\u2019s size; make room or add a disk.",
            Sql = PerNode("max", "disk_free_percent", "100 - "),
        },
        new("accept-slow", "Accepting an order is slow (p99)", Warning, "ms", 50)
        {
            Source = "D3-20", MinSample = 100, For = FiveMinutes,
            Advice = "Look at the database's disk: each commit waits for it.",
            Sql = Percentile(0.99, Recent(MetricTypes.OrderAcceptMs, 5)),
        },
        new("queue-lag", "The worker falls behind", Warning, "rows", 100)
        {
            Source = "D3-22", For = TimeSpan.FromMinutes(2),
            Advice = "Is a worker running? If it is, start another one.",
            Sql = $"SELECT value, 1, 'the oldest waits ' || round((metadata->>'oldest_s')::numeric) || ' s' FROM metric WHERE {Recent(MetricTypes.QueueDepth, 5)} ORDER BY timestamp DESC, id DESC LIMIT 1",
        },
        new("dead-letters", "Promises could not be kept", Warning, "rows", 0)
        {
            Source = "D0-10",
            Advice = "The Jobs page says which and why. Mend the cause, then requeue them.",
            Sql = "SELECT count(*), 1, string_agg(DISTINCT kind, ', ') FROM outbox WHERE status = 'Dead' AND $1::timestamptz IS NOT NULL",
        },
        new("scenario-failed", "A quality scenario fails", Critical, "scenarios", 0)
        {
            Source = "D1-54, D1-57, D1-60",
            Advice = "Its page among the quality scenarios shows the measure that is broken and the rows behind it.",
            // Those of drills too: what a drill breaks, a shopper can.
            Sql = """
                SELECT count(*) FILTER (WHERE status = 'FAIL'), count(*), string_agg(scenario, ', ') FILTER (WHERE status = 'FAIL') FROM (
                    SELECT DISTINCT ON (scenario) scenario, status, confirmed_at FROM verdicts ORDER BY scenario, id DESC) latest
                WHERE confirmed_at > $1::timestamptz - interval '15 minutes'
                """,
        },
        new("reconciliation", "The books do not balance", Critical, "variants", 0)
        {
            Source = "D3-23, D4-47",
            Advice = "The reconciliation page names each difference with its numbers.",
            Sql = """
                SELECT (metadata->>'critical')::float8, 1, round(value) || ' differences' FROM metric
                WHERE type = 'reconcile_differences' AND timestamp > $1::timestamptz - interval '2 days' AND timestamp <= $1::timestamptz ORDER BY timestamp DESC, id DESC LIMIT 1
                """,
        },
        new("slow", "Answers are slow (mean)", Warning, "ms", 1000)
        {
            Source = "D4-33", MinSample = 50, For = TimeSpan.FromMinutes(1),
            Advice = "Look at the slowest routes on the dashboard.",
            Sql = $"SELECT sum((metadata->>'total_ms')::float8) / nullif(sum(value), 0), coalesce(sum(value), 0)::bigint, NULL::text FROM metric WHERE {RecentRequests(5)}",
        },
        new("very-slow", "Answers are very slow (p95)", Critical, "ms", 3000)
        {
            Source = "D4-45", MinSample = 50, For = TimeSpan.FromMinutes(2),
            Advice = "If it began with a release, roll back.",
            Sql = Percentile(0.95, RecentRequests(5)),
        },
        new("forged-calls", "A forged call got in", Critical, "calls", 0)
        {
            Source = "D4-48",
            Advice = "The drill\u2019s result names the address. Close it before anything else.",
            Sql = """
                SELECT coalesce(sum(value), 0), count(*), string_agg(type, ', ') FILTER (WHERE value > 0) FROM (
                    SELECT DISTINCT ON (type) type, value FROM metric WHERE type IN ('forged_unsafe_accepted', 'protected_routes_open', 'forged_partner_accepted', 'forged_rows_changed')
                    AND timestamp > $1::timestamptz - interval '7 days' AND timestamp <= $1::timestamptz ORDER BY type, timestamp DESC, id DESC) latest
                """,
        },
        new("sign-in-failures", "Many sign-ins fail", Warning, "sign-ins", 50)
        {
            Source = "D2-22", MinSample = 0,
            Advice = "Somebody may be trying passwords. The log names the addresses they come from.",
            Sql = Sum(Recent(MetricTypes.SignInFailed, 5)),
        },
    ];

    // The worst node.
    private static string PerNode(string function, string field, string before = "") => $"""
        SELECT max(used), count(*), NULL::text FROM (
            SELECT {function}({before}(metadata->>'{field}')::float8) AS used FROM metric WHERE {Recent(MetricTypes.NodeSeen, 2)} GROUP BY metadata->>'node') nodes
        """;

    /// <summary>A rule by its name; null when there is none.</summary>
    public static AlertRule? Find(string name) => All.FirstOrDefault(rule => rule.Name == name);
}
