using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios.SelfTest;

/// <summary>Makes metric rows by which a measure holds, or is broken: whatever the catalogue demands, it says itself what good and bad would be.</summary>
internal static class PlantedMetrics
{
    // Rows are written for so many at most; beyond that a row counts several.
    private const int MostRows = 200;

    /// <summary>Rows by which the measure holds, with its sample and its condition.</summary>
    public static async Task HoldAsync(NpgsqlConnection connection, Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        if (measure.When is { } when) await WriteAsync(connection, when.Metric, Fitting(when.Comparison, when.Limit, ""), [], null, 1, now.AddMinutes(-30), ct);
        if (measure.SampleOf is { } sample)
            await WriteAsync(connection, sample.Name, sample.Function == MetricFunction.Count ? 1 : measure.Minimum, sample.Filter, sample.Field, sample.Function == MetricFunction.Count ? measure.Minimum : 1, now.AddMinutes(-5), ct);
        // What counts incidents holds by there being none.
        if (measure.Source.Kind == SourceKind.Metric && !(measure.SampleOf is not null && measure.Source.Function is MetricFunction.Sum && measure.Holds(0)))
            await WriteAsync(connection, measure.Source, Fitting(measure.Comparison, measure.Limit, measure.Source.Unit), measure.SampleOf is null ? measure.Minimum : 1, now.AddMinutes(-4), ct);
    }

    /// <summary>Takes the measure's own rows away and writes others by which it is broken.</summary>
    public static async Task BreakAsync(NpgsqlConnection connection, Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        await using (var clear = new NpgsqlCommand("DELETE FROM metric WHERE type = $1 AND ($2::text IS NULL OR metadata->>$2 = $3)", connection))
        {
            clear.Parameters.AddWithValue(measure.Source.Name);
            clear.Parameters.Add(new() { Value = measure.Source.Filter.Count > 0 ? measure.Source.Filter[0].Key : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            clear.Parameters.Add(new() { Value = measure.Source.Filter.Count > 0 ? measure.Source.Filter[0].Value : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            await clear.ExecuteNonQueryAsync(ct);
        }
        await WriteAsync(connection, measure.Source, Unfitting(measure.Comparison, measure.Limit), measure.SampleOf is null ? measure.Minimum : 1, now.AddMinutes(-3), ct);
    }

    private static double Fitting(Comparison comparison, double limit, string unit) => comparison switch
    {
        Comparison.Equal => limit,
        Comparison.NotEqual => limit + 1,
        Comparison.Below or Comparison.AtMost => limit > 0 ? limit / 2 : limit - 1,
        Comparison.Above or Comparison.AtLeast => unit == "%" ? Math.Min(100, limit * 2) : limit * 2 + 1,
        _ => throw new InvalidOperationException($"{comparison} is no comparison."),
    };

    private static double Unfitting(Comparison comparison, double limit) => comparison switch
    {
        Comparison.Equal => limit + 1,
        Comparison.NotEqual => limit,
        Comparison.Below or Comparison.AtMost => limit > 0 ? limit * 2 : limit + 1,
        Comparison.Above or Comparison.AtLeast => limit / 2 - 1,
        _ => throw new InvalidOperationException($"{comparison} is no comparison."),
    };

    // A share's value is made by rows inside and outside of the filter; a sum is spread; everything else is the value itself, often enough.
    private static async Task WriteAsync(NpgsqlConnection connection, Source source, double value, long times, DateTimeOffset at, CancellationToken ct)
    {
        if (source.Function == MetricFunction.Share)
        {
            var inside = (long)Math.Round(Math.Clamp(value, 0, 100) * Math.Max(times, 100) / 100);
            if (inside > 0) await WriteAsync(connection, source.Name, 1, source.Filter, null, inside, at, ct);
            if (Math.Max(times, 100) - inside is > 0 and var outside) await WriteAsync(connection, source.Name, 1, [(source.Filter[0].Key, "another")], null, outside, at, ct);
        }
        else if (source.Function == MetricFunction.Count) await WriteAsync(connection, source.Name, 1, source.Filter, null, (long)value, at, ct);
        else if (source.Function is MetricFunction.Sum or MetricFunction.Rate) await WriteAsync(connection, source.Name, value, source.Filter, source.Field, 1, at, ct);
        else await WriteAsync(connection, source.Name, value, source.Filter, source.Field, times, at, ct,
            isTime: source.Function is MetricFunction.P50 or MetricFunction.P95 or MetricFunction.P99 ? Units.Convert(value, source.Unit, "ms") : null);
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, string type, double value, IReadOnlyList<(string Key, string Value)> filter, string? field, long times, DateTimeOffset at, CancellationToken ct, double? isTime = null)
    {
        var rows = (int)Math.Clamp(times, 0, MostRows);
        var metadata = new JsonObject { ["node"] = "selftest", ["release"] = "selftest" };
        foreach (var (key, wanted) in filter) metadata[key] = wanted;
        if (field is not null) metadata[field] = value;
        var each = rows == 0 ? 1 : (times + rows - 1) / rows;
        if (each > 1) metadata["count"] = each;
        if (isTime is { } ms) metadata["buckets"] = new JsonObject { [$"{LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(ms))}"] = each };
        await using var insert = new NpgsqlCommand("INSERT INTO metric (type, value, metadata, timestamp) SELECT $1, $2, $3, $4 + n * interval '1 ms' FROM generate_series(1, $5) n", connection);
        insert.Parameters.AddWithValue(type);
        insert.Parameters.AddWithValue(type == MetricTypes.HttpRequests ? each : field is null ? value : 1);
        insert.Parameters.Add(new() { Value = metadata.ToJsonString(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        insert.Parameters.AddWithValue(at);
        insert.Parameters.AddWithValue(rows);
        await insert.ExecuteNonQueryAsync(ct);
    }
}
