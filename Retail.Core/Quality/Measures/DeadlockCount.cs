using Npgsql;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Measures;

/// <summary>Tells when the database has broken up deadlocks since the last row about it.</summary>
public sealed class DeadlockCount(NpgsqlDataSource database, MetricRecorder metrics)
{
    private const string Sql = """
        SELECT deadlocks, (SELECT (metadata->>'so_far')::bigint FROM metric WHERE type = 'deadlocks' ORDER BY timestamp DESC LIMIT 1)
        FROM pg_stat_database WHERE datname = current_database()
        """;

    /// <summary>Looks, and records the growth if there is any. The first row is the number to count from.</summary>
    public async Task RecordAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return;
        var soFar = reader.GetInt64(0);
        var before = reader.IsDBNull(1) ? (long?)null : reader.GetInt64(1);
        if (before == soFar) return;
        // The server's statistics were reset: what it has now is new.
        metrics.Record(MetricTypes.Deadlocks, before is not { } known ? 0 : soFar > known ? soFar - known : soFar, new { so_far = soFar });
    }
}
