using Npgsql;

namespace Retail.Core.Quality.Measures;

/// <summary>The rates of the roll-ups, each with its part and what it is a part of, so that days can be added up to months.</summary>
public sealed class MetricRates(NpgsqlDataSource database, TimeProvider clock)
{
    // What people ask for; probes, scrapes and files would make every shop look quick and faultless.
    private const string NotPeople = @"^\S+ (/health|/api/health|/metrics|\(static\))";

    private const string Upsert = """
        ON CONFLICT (span, type, is_drill, series, starts_at) DO UPDATE SET samples = excluded.samples, total = excluded.total, weight = excluded.weight,
            weighted = excluded.weighted, least = excluded.least, most = excluded.most, latest = excluded.latest, sums = excluded.sums, buckets = excluded.buckets
        """;

    // Read back by span: $1 span, $2 from, $3 to, $4 what is left out.
    private const string Requests = $$"""
        WITH source AS MATERIALIZED (
            SELECT starts_at, is_drill, total, sums, buckets FROM metric_rollup
            WHERE span = $1 AND type = 'http_requests' AND series <> '' AND series !~ $4 AND starts_at >= $2 AND starts_at < $3),
        part AS (
            SELECT starts_at, is_drill, sum(total) AS requests, sum((sums->>'errors_4xx')::float8) AS refused, sum((sums->>'errors_5xx')::float8) AS failed,
                sum((sums->>'total_ms')::float8) AS ms
            FROM source GROUP BY starts_at, is_drill),
        times AS (
            SELECT starts_at, is_drill, jsonb_object_agg(key, number) AS buckets
            FROM (SELECT starts_at, is_drill, b.key, sum(b.value::bigint) AS number FROM source, jsonb_each_text(buckets) b GROUP BY starts_at, is_drill, b.key) n
            GROUP BY starts_at, is_drill)
        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums, buckets)
        SELECT $1, r.type, '', p.is_drill, p.starts_at, p.requests::bigint, r.rate, p.requests, r.rate * p.requests, r.rate, r.rate, r.rate, r.sums, r.buckets
        FROM part p JOIN times t USING (starts_at, is_drill), LATERAL (VALUES
            ('error_rate', 100 * (refused + failed) / requests, jsonb_build_object('part', refused + failed, 'of', requests, 'server_errors', failed), '{}'::jsonb),
            ('avg_response_time', ms / requests, jsonb_build_object('part', ms, 'of', requests), t.buckets)) AS r(type, rate, sums, buckets)
        WHERE p.requests > 0
        {{Upsert}}
        """;

    // An attempt counts in the hour it began in, whenever its end came. $1 from, $2 to.
    private const string PaymentHours = $$"""
        WITH part AS (
            SELECT date_trunc('hour', p.started_at, 'UTC') AS at, o.drill_id IS NOT NULL AS is_drill, count(*) FILTER (WHERE p.status = 'Captured')::float8 AS captured,
                count(*) FILTER (WHERE p.status = 'Declined')::float8 AS declined, count(*) FILTER (WHERE p.status = 'Abandoned')::float8 AS abandoned,
                count(*) FILTER (WHERE p.status IN ('Started', 'Unknown'))::float8 AS open,
                coalesce(sum(p.amount_amount) FILTER (WHERE p.status = 'Captured'), 0)::float8 AS amount
            FROM payments p JOIN orders o ON o.id = p.order_id
            WHERE p.status IN ('Captured', 'Declined', 'Abandoned', 'Started', 'Unknown') AND p.started_at >= $1 AND p.started_at < $2 GROUP BY 1, 2)
        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums)
        SELECT 'Hour', 'payment_success_rate', '', is_drill, at, ended, rate, ended, rate * ended, rate, rate, rate,
            jsonb_build_object('part', captured, 'of', ended, 'captured', captured, 'declined', declined, 'abandoned', abandoned, 'open', open, 'amount', amount)
        FROM part, LATERAL (SELECT (captured + declined + abandoned)::bigint AS ended) e,
            LATERAL (SELECT CASE WHEN ended = 0 THEN 0 ELSE 100 * captured / ended END AS rate) r
        {{Upsert}}
        """;

    private const string PaymentDays = $$"""
        WITH field AS (
            SELECT date_trunc('day', starts_at, 'UTC') AS at, is_drill, f.key, sum(f.value::float8) AS number FROM metric_rollup, jsonb_each_text(sums) f
            WHERE span = 'Hour' AND type = 'payment_success_rate' AND starts_at >= $1 AND starts_at < $2 GROUP BY 1, 2, 3),
        day AS (SELECT at, is_drill, jsonb_object_agg(key, number) AS sums FROM field GROUP BY at, is_drill)
        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums)
        SELECT 'Day', 'payment_success_rate', '', is_drill, at, ended::bigint, rate, ended, rate * ended, rate, rate, rate, sums
        FROM day, LATERAL (SELECT (sums->>'of')::float8 AS ended) e, LATERAL (SELECT CASE WHEN ended = 0 THEN 0 ELSE 100 * (sums->>'part')::float8 / ended END AS rate) r
        {{Upsert}}
        """;

    /// <summary>Computes the rates of requests and payments anew from an hour on.</summary>
    public async Task RunAsync(DateTimeOffset from, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var (day, end) = (new DateTimeOffset(from.UtcDateTime.Date, TimeSpan.Zero), clock.GetUtcNow().AddDays(1));
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new("SET LOCAL jit = off"),
                OfRequests("Minute", from, end), OfRequests("Hour", from, end), OfRequests("Day", day, end),
                Between(PaymentHours, from, end), Between(PaymentDays, day, end),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static NpgsqlBatchCommand OfRequests(string span, DateTimeOffset from, DateTimeOffset to) => new(Requests)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = span }, new NpgsqlParameter<DateTimeOffset> { TypedValue = from },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = to }, new NpgsqlParameter<string> { TypedValue = NotPeople },
        },
    };

    private static NpgsqlBatchCommand Between(string sql, DateTimeOffset from, DateTimeOffset to) => new(sql)
    {
        Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = from }, new NpgsqlParameter<DateTimeOffset> { TypedValue = to } },
    };
}
