using System.Text.Json;
using Npgsql;

namespace Retail.Core.Metrics.Rollups;

/// <summary>How long a span a roll-up row sums up.</summary>
public enum RollupSpan
{
    /// <summary>Kept for some days.</summary>
    Minute,

    /// <summary>Kept for good.</summary>
    Hour,

    /// <summary>A day in UTC, kept for good.</summary>
    Day,
}

/// <summary>What a type came to in a span, or in several put together.</summary>
public sealed class RollupSum
{
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly long[] _buckets = new long[LatencyHistogram.Buckets];

    /// <summary>When the first span began, UTC.</summary>
    public DateTimeOffset At { get; internal set; }

    /// <summary>Rows that were summed up.</summary>
    public long Samples { get; private set; }

    /// <summary>The sum of their values.</summary>
    public double Total { get; private set; }

    /// <summary>The largest value; not a number when there was none.</summary>
    public double Most { get; private set; } = double.NaN;

    /// <summary>The sum of a number of the metadata.</summary>
    public double this[string field] => _sums.GetValueOrDefault(field);

    /// <summary>100 times the sums' part by of; null when there is nothing to be a part of.</summary>
    public double? Percent => this["of"] > 0 ? 100 * this["part"] / this["of"] : null;

    /// <summary>The sums' part by of; null when there is nothing to be a part of.</summary>
    public double? Mean => this["of"] > 0 ? this["part"] / this["of"] : null;

    /// <summary>The milliseconds that the share (0 to 1) of all times stayed below; null when there were none.</summary>
    public double? PercentileMs(double share) => LatencyHistogram.PercentileMs(_buckets, share);

    /// <summary>Adds another span.</summary>
    public void Add(RollupSum other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (Samples, Total, Most) = (Samples + other.Samples, Total + other.Total, double.IsNaN(Most) || other.Most > Most ? other.Most : Most);
        foreach (var (field, value) in other._sums) _sums[field] = this[field] + value;
        for (var i = 0; i < _buckets.Length; i++) _buckets[i] += other._buckets[i];
    }

    internal static RollupSum Read(NpgsqlDataReader reader)
    {
        var sum = new RollupSum { At = reader.GetFieldValue<DateTimeOffset>(2), Samples = reader.GetInt64(3), Total = reader.GetDouble(4), Most = reader.GetDouble(5) };
        using (var fields = JsonDocument.Parse(reader.GetString(6)))
            foreach (var field in fields.RootElement.EnumerateObject()) sum._sums[field.Name] = field.Value.GetDouble();
        using (var buckets = JsonDocument.Parse(reader.GetString(7)))
            foreach (var bucket in buckets.RootElement.EnumerateObject())
                sum._buckets[int.Parse(bucket.Name, System.Globalization.CultureInfo.InvariantCulture)] = bucket.Value.GetInt64();
        return sum;
    }
}

/// <summary>Reads roll-ups: some types over some time, in one round trip, without drills.</summary>
public sealed class RollupReader(NpgsqlDataSource database)
{
    private const string Sql = """
        SELECT type, series, starts_at, samples, total, most, sums::text, buckets::text FROM metric_rollup
        WHERE span = $1 AND type = ANY($2) AND NOT is_drill AND series = '' AND starts_at >= $3 AND starts_at < $4 ORDER BY starts_at
        """;

    private const string BySeries = """
        SELECT type, series, starts_at, samples, total, most, sums::text, buckets::text FROM metric_rollup
        WHERE span = $1 AND type = ANY($2) AND NOT is_drill AND series <> '' AND starts_at >= $3 AND starts_at < $4 ORDER BY starts_at
        """;

    /// <summary>The spans of each type, oldest first; those in which nothing was recorded are not there.</summary>
    public async Task<ILookup<string, RollupSum>> ReadAsync(IReadOnlyList<string> types, RollupSpan span, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        (await ReadAsync(Sql, types, span, from, to, ct)).ToLookup(row => row.Type, row => row.Sum, StringComparer.Ordinal);

    /// <summary>The sums of one type over the whole time, by series.</summary>
    public async Task<IReadOnlyDictionary<string, RollupSum>> BySeriesAsync(string type, RollupSpan span, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var sums = new Dictionary<string, RollupSum>(StringComparer.Ordinal);
        foreach (var (_, series, sum) in await ReadAsync(BySeries, [type], span, from, to, ct))
            if (sums.TryGetValue(series, out var sofar)) sofar.Add(sum);
            else sums[series] = sum;
        return sums;
    }

    private async Task<List<(string Type, string Series, RollupSum Sum)>> ReadAsync(
        string sql, IReadOnlyList<string> types, RollupSpan span, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = span.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. types] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = to });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<(string, string, RollupSum)>();
        while (await reader.ReadAsync(ct)) rows.Add((reader.GetString(0), reader.GetString(1), RollupSum.Read(reader)));
        return rows;
    }
}
