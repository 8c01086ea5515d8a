namespace Retail.Core.Metrics.Rollups;

/// <summary>
/// The roll-ups' SQL: what a type came to in a minute, an hour and a day, in all (series '') and for each of its series, drills apart.
/// Numbers of the metadata are summed and histograms merged, so that rates keep their denominators and percentiles stay true.
/// </summary>
public static class RollupTable
{
    /// <summary>Makes the tables; for a migration.</summary>
    public const string Sql = """
        CREATE TABLE metric_rollup (
            span text NOT NULL CONSTRAINT ck_metric_rollup_span CHECK (span IN ('Minute', 'Hour', 'Day')),
            type text NOT NULL,
            series text NOT NULL,
            is_drill boolean NOT NULL,
            starts_at timestamptz NOT NULL,
            samples bigint NOT NULL,
            total double precision NOT NULL,
            weight double precision NOT NULL,
            weighted double precision NOT NULL,
            least double precision NOT NULL,
            most double precision NOT NULL,
            latest double precision NOT NULL,
            sums jsonb NOT NULL DEFAULT '{}',
            buckets jsonb NOT NULL DEFAULT '{}',
            CONSTRAINT pk_metric_rollup PRIMARY KEY (span, type, is_drill, series, starts_at)
        );
        CREATE INDEX ix_metric_rollup_span_starts_at ON metric_rollup (span, starts_at);
        CREATE TABLE metric_late (minute timestamptz CONSTRAINT pk_metric_late PRIMARY KEY);

        -- What tells the rows of a type apart: words of which there are few.
        CREATE FUNCTION metric_series(metadata jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
            SELECT concat_ws(' ', metadata->>'method', metadata->>'route', metadata->>'limit', metadata->>'job', metadata->>'kind', metadata->>'partner',
                metadata->>'outcome', metadata->>'reason', metadata->>'source', metadata->>'state', metadata->>'flag', metadata->>'drill', metadata->>'role')
        $$;

        -- LatencyHistogram.IndexOf, for times that come one by one.
        CREATE FUNCTION metric_bucket(ms double precision) RETURNS int LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN us < 64 THEN 0 WHEN us >= 67108864 THEN 161
                ELSE 1 + (power - 6) * 8 + (floor(us / (2.0 ^ (power - 3)))::bigint & 7)::int END
            FROM (SELECT us, CASE WHEN us < 64 OR us >= 67108864 THEN 0 ELSE length(ltrim(us::bigint::bit(64)::text, '0')) - 1 END AS power
                FROM (SELECT floor(greatest(ms, 0) * 1000 + 1e-6) AS us) micros) p
        $$;
        """;

    /// <summary>Undoes <see cref="Sql"/>.</summary>
    public const string DropSql = "DROP FUNCTION metric_bucket; DROP FUNCTION metric_series; DROP TABLE metric_late; DROP TABLE metric_rollup;";

    // Times that come one a row get a histogram too; numbers that are no amounts are left out of the sums.
    private const string MinuteParts = """
        WITH source AS MATERIALIZED (
            SELECT date_trunc('minute', timestamp, 'UTC') AS at, type, metadata ? 'drill_id' AS is_drill,
                CASE metric_series(metadata) WHEN '' THEN ARRAY[''] ELSE ARRAY['', metric_series(metadata)] END AS names,
                value, timestamp, metadata, coalesce((metadata->>'count')::float8, 1) AS weight
            FROM metric WHERE timestamp >= $1 AND timestamp < $2),
        plain AS (
            SELECT at, type, is_drill, series, count(*) AS samples, sum(value) AS total, sum(weight) AS weight, sum(value * weight) AS weighted,
                min(value) AS least, max(value) AS most, (array_agg(value ORDER BY timestamp DESC))[1] AS latest
            FROM source, unnest(names) AS series GROUP BY at, type, is_drill, series),
        field AS (
            SELECT at, type, is_drill, series, f.key, CASE WHEN f.key ~ '(^|_)max$' THEN max((f.value #>> '{}')::float8) ELSE sum((f.value #>> '{}')::float8) END AS number
            FROM source, unnest(names) AS series, jsonb_each(metadata) f
            WHERE jsonb_typeof(f.value) = 'number' AND f.key NOT IN ('count', 'seconds') GROUP BY at, type, is_drill, series, f.key),
        bucket AS (
            SELECT at, type, is_drill, series, b.key, sum(b.value::bigint) AS number
            FROM source, unnest(names) AS series, LATERAL (
                SELECT key, value FROM jsonb_each_text(metadata->'buckets')
                UNION ALL SELECT metric_bucket(CASE WHEN type LIKE '%\_s' OR type = 'job_run' THEN value * 1000 ELSE value END)::text, '1'
                    WHERE NOT metadata ? 'buckets' AND (type LIKE '%\_ms' OR type LIKE '%\_s' OR type IN ('payment_attempt', 'job_run'))) b
            GROUP BY at, type, is_drill, series, b.key)
        """;

    private const string RollupParts = """
        WITH source AS MATERIALIZED (
            SELECT *, date_trunc($4, starts_at, 'UTC') AS at FROM metric_rollup
            WHERE span = $3 AND starts_at >= $1 AND starts_at < $2 AND type <> ALL($5)),
        plain AS (
            SELECT at, type, is_drill, series, sum(samples)::bigint AS samples, sum(total) AS total, sum(weight) AS weight, sum(weighted) AS weighted,
                min(least) AS least, max(most) AS most, (array_agg(latest ORDER BY starts_at DESC))[1] AS latest
            FROM source GROUP BY at, type, is_drill, series),
        field AS (
            SELECT at, type, is_drill, series, f.key, CASE WHEN f.key ~ '(^|_)max$' THEN max((f.value #>> '{}')::float8) ELSE sum((f.value #>> '{}')::float8) END AS number
            FROM source, jsonb_each(sums) f GROUP BY at, type, is_drill, series, f.key),
        bucket AS (
            SELECT at, type, is_drill, series, b.key, sum(b.value::bigint) AS number
            FROM source, jsonb_each_text(buckets) b GROUP BY at, type, is_drill, series, b.key)
        """;

    private const string Joined = """
        ,
        fields AS (SELECT at, type, is_drill, series, jsonb_object_agg(key, number) AS sums FROM field GROUP BY at, type, is_drill, series),
        histograms AS (SELECT at, type, is_drill, series, jsonb_object_agg(key, number) AS buckets FROM bucket GROUP BY at, type, is_drill, series)
        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums, buckets)
        SELECT '@span', p.type, p.series, p.is_drill, p.at, p.samples, p.total, p.weight, p.weighted, p.least, p.most, p.latest, coalesce(f.sums, '{}'), coalesce(h.buckets, '{}')
        FROM plain p LEFT JOIN fields f USING (at, type, is_drill, series) LEFT JOIN histograms h USING (at, type, is_drill, series)
        ON CONFLICT (span, type, is_drill, series, starts_at) DO UPDATE SET samples = excluded.samples, total = excluded.total, weight = excluded.weight,
            weighted = excluded.weighted, least = excluded.least, most = excluded.most, latest = excluded.latest, sums = excluded.sums, buckets = excluded.buckets
        """;

    /// <summary>Minutes from rows: $1 from, $2 to.</summary>
    internal static string Minutes => MinuteParts + Into("Minute");

    /// <summary>Longer spans from shorter ones: $1 from, $2 to, $3 the shorter span, $4 the unit of the longer, $5 types left out.</summary>
    internal static string Longer(string span) => RollupParts + Into(span);

    private static string Into(string span) => Joined.Replace("@span", span, StringComparison.Ordinal);
}
