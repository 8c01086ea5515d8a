using Npgsql;
using Retail.Core.Data.Jobs;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Rollups;

namespace Retail.Core.Quality.Measures;

/// <summary>Rolls metric rows up and computes the rates.</summary>
public sealed class RollUpMetrics(MetricRollup rollup, MetricRates rates, DeadlockCount deadlocks) : IJob<NoArgs>
{
    /// <summary>How it runs.</summary>
    public static JobDefinition Definition { get; } = new("roll-up-metrics")
    {
        Purpose = "Sums metric rows up by minute, hour and day, for charts and rates.",
        Cron = "0/30 * * * * ?",
        TimeLimit = TimeSpan.FromMinutes(30),
    };

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        await deadlocks.RecordAsync(ct);
        if (await rollup.RunAsync(ct) is { } from) await rates.RunAsync(from, ct);
    }
}

/// <summary>Computes what only the shop's own tables know.</summary>
public sealed class CountTheDay(DailyFigures figures) : IJob<NoArgs>
{
    /// <summary>How it runs.</summary>
    public static JobDefinition Definition { get; } = new("count-the-day")
    {
        Purpose = "Counts carts, checkouts, orders and refunds of the last days from their own tables.",
        Cron = "0 0/10 * * * ?",
    };

    /// <inheritdoc/>
    public Task RunAsync(NoArgs args, CancellationToken ct) => figures.RunAsync(ct);
}

/// <summary>Drops what is past its time: whole days of rows, and the minutes of the roll-ups.</summary>
public sealed class DropOldMetrics(NpgsqlDataSource database, Microsoft.Extensions.Options.IOptions<MetricsOptions> options, TimeProvider clock) : IJob<NoArgs>
{
    /// <summary>How it runs.</summary>
    public static JobDefinition Definition { get; } = new("drop-old-metrics")
    {
        Purpose = "Drops metric rows older than 90 days and roll-ups by minute older than 8.",
        Cron = "0 40 0 * * ?",
    };

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await using var connection = await database.OpenConnectionAsync(ct);
        foreach (var day in await MetricTable.DaysAsync(connection, ct))
            if (day < today.AddDays(-options.Value.KeepDays)) await MetricTable.DropAsync(connection, day, ct);
        await using var minutes = new NpgsqlCommand("DELETE FROM metric_rollup WHERE span = 'Minute' AND starts_at < $1", connection)
        { Parameters = { new() { Value = clock.GetUtcNow().AddDays(-options.Value.KeepMinutesDays) } } };
        await minutes.ExecuteNonQueryAsync(ct);
    }
}
