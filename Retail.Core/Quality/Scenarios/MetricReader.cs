using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios;

/// <summary>What a metric's rows say.</summary>
/// <param name="Value">Null when there is no row to make it of.</param>
/// <param name="Sample">How many were counted: a row that sums up several counts as several.</param>
/// <param name="Newest">When the newest of them was recorded.</param>
/// <param name="Rows">Evidence: those that speak most against the demand, or for it.</param>
internal sealed record MetricAnswer(double? Value, long Sample, DateTimeOffset? Newest, IReadOnlyList<JsonObject> Rows);

/// <summary>Reads metrics for measures, over one connection, which may be inside a transaction.</summary>
internal sealed class MetricReader(NpgsqlConnection connection)
{
    private const int Evidence = 12;

    // Rows count as many as they say; the value is the metadata's field where the measure names one.
    private const string Picked = """
        WITH at AS (SELECT range_agg(tstzrange(timestamp, next)) AS times FROM (
                SELECT timestamp, value, lead(timestamp) OVER (ORDER BY timestamp, id) AS next FROM metric
                WHERE @condition::text IS NOT NULL AND type = @condition AND timestamp > @from - interval '1 day' AND timestamp <= @to) c
            WHERE {condition}),
        picked AS (
            SELECT id, timestamp, metadata, {value} AS value, {match} AS matches,
                CASE WHEN type = 'http_requests' THEN value ELSE coalesce((metadata->>'count')::float8, 1) END AS weight
            FROM metric WHERE type = @type AND timestamp > @from AND timestamp <= @to {where})
        """;

    private const string Aggregates = """
        SELECT sum(value), min(value), max(value), sum(value * weight) / nullif(sum(weight), 0), (array_agg(value ORDER BY timestamp DESC, id DESC))[1],
            coalesce(sum(weight), 0)::bigint, coalesce(sum(weight) FILTER (WHERE matches), 0)::bigint, max(timestamp), count(*)
        FROM picked WHERE value IS NOT NULL
        """;

    // Rows with a histogram give its buckets (in milliseconds), others their one value.
    private const string Times = """
        SELECT b.key::int, NULL::float8, sum(b.value::bigint)::bigint, max(p.timestamp) FROM picked p, jsonb_each_text(p.metadata->'buckets') b WHERE p.metadata ? 'buckets' GROUP BY b.key
        UNION ALL SELECT NULL, p.value, 1, p.timestamp FROM picked p WHERE NOT p.metadata ? 'buckets' AND p.value IS NOT NULL
        """;

    /// <summary>The value of a source, in its unit.</summary>
    public async Task<MetricAnswer> ReadAsync(Source source, Condition? when, DateTimeOffset from, DateTimeOffset to, bool largestFirst, CancellationToken ct)
    {
        var answer = source.Function is MetricFunction.P50 or MetricFunction.P95 or MetricFunction.P99
            ? await PercentileAsync(source, when, from, to, ct)
            : await AggregateAsync(source, when, from, to, ct);
        return answer.Sample == 0 ? answer : answer with { Rows = await RowsAsync(source, when, from, to, largestFirst, ct) };
    }

    /// <summary>When a source was last recorded at all, looking back a quarter of a year; null when never.</summary>
    public async Task<DateTimeOffset?> LastSeenAsync(Source source, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = Command("SELECT max(timestamp) FROM picked", source, null, now - TimeSpan.FromDays(90), now);
        return await command.ExecuteScalarAsync(ct) is DateTime last ? new DateTimeOffset(last, TimeSpan.Zero) : null;
    }

    private async Task<MetricAnswer> AggregateAsync(Source source, Condition? when, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        await using var command = Command(Aggregates, source, when, from, to);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var (sample, matching) = (reader.GetInt64(5), reader.GetInt64(6));
        double? Number(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
        double? value = source.Function switch
        {
            // Nothing recorded is nothing counted: a sum of no incidents is zero.
            MetricFunction.Sum => Number(0) ?? 0,
            MetricFunction.Count => sample,
            MetricFunction.Min => Number(1),
            MetricFunction.Max => Number(2),
            MetricFunction.Avg => Number(3),
            MetricFunction.Last => Number(4),
            MetricFunction.Share => sample == 0 ? null : 100.0 * matching / sample,
            MetricFunction.Rate => (Number(0) ?? 0) / (to - from).TotalSeconds,
            _ => throw new InvalidOperationException($"{source.Function} is no sum."),
        };
        return new(value, source.Function == MetricFunction.Last ? Math.Min(sample, 1) : sample, reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7), []);
    }

    private async Task<MetricAnswer> PercentileAsync(Source source, Condition? when, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var (buckets, single, newest) = (new long[LatencyHistogram.Buckets], new List<double>(), default(DateTimeOffset?));
        await using (var command = Command(Times, source, when, from, to))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                if (reader.IsDBNull(0)) single.Add(reader.GetDouble(1));
                else if (reader.GetInt32(0) is >= 0 and < LatencyHistogram.Buckets and var bucket) buckets[bucket] += reader.GetInt64(2);
                if (reader.GetFieldValue<DateTimeOffset>(3) is var at && (newest is null || at > newest)) newest = at;
            }
        }
        var share = source.Function switch { MetricFunction.P50 => 0.5, MetricFunction.P95 => 0.95, _ => 0.99 };
        var sample = buckets.Sum() + single.Count;
        if (sample == 0) return new(null, 0, null, []);
        if (single.Count == sample)
        {
            single.Sort();
            return new(single[Math.Max(0, (int)Math.Ceiling(share * single.Count) - 1)], sample, newest, []);
        }
        foreach (var value in single) buckets[LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(Units.Convert(value, source.Unit, "ms") ?? value))]++;
        var ms = LatencyHistogram.PercentileMs(buckets, share);
        return new(ms is { } found ? Units.Convert(found, "ms", source.Unit) ?? found : null, sample, newest, []);
    }

    private async Task<IReadOnlyList<JsonObject>> RowsAsync(Source source, Condition? when, DateTimeOffset from, DateTimeOffset to, bool largestFirst, CancellationToken ct)
    {
        var order = source.Function == MetricFunction.Last ? "timestamp DESC, id DESC LIMIT 1"
            : $"{(source.Function == MetricFunction.Share ? "matches" : largestFirst ? "value DESC" : "value")}, timestamp DESC, id DESC LIMIT {Evidence}";
        await using var command = Command($"SELECT id, timestamp, value, (metadata - 'buckets')::text FROM picked WHERE value IS NOT NULL ORDER BY {order}", source, when, from, to);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<JsonObject>();
        while (await reader.ReadAsync(ct))
            rows.Add(new JsonObject
            {
                ["id"] = reader.GetInt64(0),
                ["at"] = reader.GetFieldValue<DateTimeOffset>(1).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
                ["value"] = reader.GetDouble(2),
                ["metadata"] = JsonNode.Parse(reader.GetString(3)),
            });
        return rows;
    }

    private NpgsqlCommand Command(string select, Source source, Condition? when, DateTimeOffset from, DateTimeOffset to)
    {
        var command = new NpgsqlCommand { Connection = connection };
        var (match, where) = (new StringBuilder("true"), new StringBuilder());
        for (var i = 0; i < source.Filter.Count; i++)
        {
            var (key, value) = source.Filter[i];
            // Routes are written with a slash at their end or without.
            match.Append(CultureInfo.InvariantCulture, $" AND rtrim(coalesce(metadata->>@key{i}, ''), @trim{i}) = rtrim(@value{i}, @trim{i})");
            command.Parameters.AddWithValue($"key{i}", key);
            command.Parameters.AddWithValue($"value{i}", value);
            command.Parameters.AddWithValue($"trim{i}", key == "route" ? "/" : "");
        }
        if (source.Function != MetricFunction.Share && source.Filter.Count > 0) where.Append(CultureInfo.InvariantCulture, $" AND {match}");
        if (when is not null) where.Append(" AND timestamp <@ (SELECT times FROM at)");
        if (source.Field is { } field) command.Parameters.AddWithValue("field", field);
        command.CommandText = Picked
            .Replace("{condition}", when is null ? "false" : $"value {SqlSign(when.Comparison)} @limit", StringComparison.Ordinal)
            .Replace("{value}", source.Field is null ? "value" : "(metadata->>@field)::float8", StringComparison.Ordinal)
            .Replace("{match}", match.ToString(), StringComparison.Ordinal)
            .Replace("{where}", where.ToString(), StringComparison.Ordinal) + select;
        if (when is not null) command.Parameters.AddWithValue("limit", when.Limit);
        command.Parameters.Add(new NpgsqlParameter("condition", NpgsqlDbType.Text) { Value = when?.Metric ?? (object)DBNull.Value });
        command.Parameters.AddWithValue("type", source.Name);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);
        return command;
    }

    private static string SqlSign(Comparison comparison) => comparison == Comparison.NotEqual ? "<>" : MeasureParser.Sign(comparison);
}
