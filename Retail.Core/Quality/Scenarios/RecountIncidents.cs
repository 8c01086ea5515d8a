using Npgsql;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios;

/// <summary>An oversale that no constraint stopped is an incident all the same: when the recount finds one, it is recorded once, and once more each time it grows.</summary>
public sealed class RecountIncidents(NpgsqlDataSource database, MetricRecorder metrics)
{
    private const string Source = "recount";
    private const string Known = "SELECT max((metadata->>'units')::float8) FROM metric WHERE type = 'stock_conflicts' AND metadata->>'source' = $1 AND metadata->>'variant_id' = $2";

    /// <summary>Records what is new in the recounts among the verdicts.</summary>
    public async Task RecordAsync(IReadOnlyList<ScenarioVerdict> verdicts, CancellationToken ct)
    {
        var oversold = verdicts.SelectMany(v => v.Measures)
            .Where(m => m.Value > 0 && m.Measure.StartsWith(Queries.StockQueries.OversoldUnits.Name, StringComparison.Ordinal))
            .SelectMany(m => m.Rows)
            .Select(row => (Variant: (string?)row["variant_id"], Sku: (string?)row["sku"], Units: (double?)row["oversold"] ?? 0))
            .Where(found => found.Units > 0)
            .DistinctBy(found => found.Variant);
        foreach (var (variant, sku, units) in oversold)
        {
            await using var command = database.CreateCommand(Known);
            command.Parameters.Add(new() { Value = Source });
            command.Parameters.Add(new() { Value = variant });
            if (await command.ExecuteScalarAsync(ct) is double known && known >= units) continue;
            metrics.Record(MetricTypes.StockConflicts, 1, new { source = Source, variant_id = variant, sku, units });
        }
    }
}
