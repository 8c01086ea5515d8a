namespace Retail.Core.Quality.Alerts;

/// <summary>What the rules' questions to the metric table are made of. $1 is now; a rule answers value, sample, detail.</summary>
internal static class AlertSql
{
    // Addresses that match nothing are strangers guessing, files are not the store's work, and drills break things on purpose.
    private const string Requests = "type = 'http_requests' AND NOT metadata ? 'drill_id' AND metadata->>'route' NOT IN ('(none)', '(static)')";

    /// <summary>The upper bound in milliseconds of bucket b of the latency histogram; <see cref="Metrics.LatencyHistogram"/> is its definition.</summary>
    public const string UpperBound = "CASE WHEN b = 0 THEN 0.064 ELSE power(2, 6 + (b - 1) / 8) * (9 + (b - 1) % 8) / 8000 END";

    /// <summary>Rows of a type in the last minutes, without those of drills.</summary>
    public static string Recent(string type, int minutes) => $"type = '{type}' AND NOT metadata ? 'drill_id' AND {Last(minutes)}";

    /// <summary>Rows of requests in the last minutes.</summary>
    public static string RecentRequests(int minutes, string also = "true") => $"{Requests} AND {Last(minutes)} AND {also}";

    /// <summary>How many percent of the counted are of some kind.</summary>
    public static string Share(string part, string whole, string where) =>
        $"SELECT 100.0 * sum({part}) / nullif(sum({whole}), 0), coalesce(sum({whole}), 0)::bigint, round(sum({part})) || ' of ' || round(sum({whole})) FROM metric WHERE {where}";

    /// <summary>A percentile in milliseconds over the rows' histograms.</summary>
    public static string Percentile(double share, string where) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
        WITH counts AS (
            SELECT e.key::int AS b, sum(e.value::bigint) AS n FROM metric CROSS JOIN LATERAL jsonb_each_text(metadata->'buckets') e WHERE {where} GROUP BY 1),
        summed AS (SELECT b, sum(n) OVER (ORDER BY b) AS upto, sum(n) OVER () AS total FROM counts)
        SELECT min({UpperBound}) FILTER (WHERE upto >= ceil({share} * total)), coalesce(max(total), 0)::bigint, NULL::text FROM summed
        """);

    /// <summary>The sum of the values.</summary>
    public static string Sum(string where) => $"SELECT coalesce(sum(value), 0), count(*), NULL::text FROM metric WHERE {where}";

    private static string Last(int minutes) => $"timestamp > $1::timestamptz - interval '{minutes} minutes' AND timestamp <= $1::timestamptz";
}
