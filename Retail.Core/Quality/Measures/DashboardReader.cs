using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Rollups;

namespace Retail.Core.Quality.Measures;

/// <summary>One answer that went wrong, with the id that finds its log lines.</summary>
/// <param name="At">UTC.</param>
/// <param name="Status">HTTP.</param>
/// <param name="Method">HTTP.</param>
/// <param name="Route">The pattern.</param>
/// <param name="RequestId">On all log lines of the request.</param>
/// <param name="Node">Where those lines are.</param>
public sealed record RecentError(DateTimeOffset At, int Status, string Method, string Route, string RequestId, string Node);

/// <summary>A step of a chart: a stretch of time, and what was measured in it.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC, not included.</param>
/// <param name="Sums">By type; a type that measured nothing is empty.</param>
public sealed record ChartStep(DateTimeOffset From, DateTimeOffset To, IReadOnlyDictionary<string, RollupSum> Sums);

/// <summary>All that the dashboard shows.</summary>
public sealed record Dashboard
{
    /// <summary>What was asked for.</summary>
    public required Period Period { get; init; }

    /// <summary>It in numbers.</summary>
    public required Summary Now { get; init; }

    /// <summary>The time it is compared with.</summary>
    public required Summary Before { get; init; }

    /// <summary>Orders since midnight UTC, and those until the same time a week before.</summary>
    public required (double Today, double WeekBefore) Orders { get; init; }

    /// <summary>Hours or days, for bars; the last one is not over.</summary>
    public required IReadOnlyList<ChartStep> Bars { get; init; }

    /// <summary>Shorter steps, for lines.</summary>
    public required IReadOnlyList<ChartStep> Lines { get; init; }

    /// <summary>The newest answers that went wrong, newest first.</summary>
    public required IReadOnlyList<RecentError> Errors { get; init; }

    /// <summary>How the parts are.</summary>
    public required SystemHealth Health { get; init; }
}

/// <summary>Reads the dashboard: from roll-ups, so that ninety days cost no more than one. Drills are left out.</summary>
public sealed class DashboardReader(NpgsqlDataSource database, RollupReader rollups, SummaryReader summaries, SystemHealthReader health, TimeProvider clock)
{
    private const int ErrorsOfEachKind = 8;

    private static readonly string[] Bars = [MetricTypes.OrdersPerDay, MetricTypes.PaymentSuccessRate], Lines = [MetricTypes.AvgResponseTime, MetricTypes.ErrorRate];

    private const string OrdersUntil = """
        SELECT coalesce(sum(total) FILTER (WHERE starts_at >= $1), 0), coalesce(sum(total) FILTER (WHERE starts_at < $1), 0) FROM metric_rollup
        WHERE type = 'orders_per_day' AND series = '' AND NOT is_drill
            AND ((span = 'Hour' AND (starts_at >= $1 OR (starts_at >= $2 AND starts_at < $3))) OR (span = 'Minute' AND starts_at >= $3 AND starts_at < $4))
        """;

    private const string RecentErrors = """
        (SELECT timestamp, value::int, metadata->>'method', metadata->>'route', metadata->>'request_id', metadata->>'node' FROM metric
            WHERE type = 'http_error' AND value >= 500 AND timestamp >= $1 AND NOT metadata ? 'drill_id' ORDER BY timestamp DESC LIMIT $2)
        UNION ALL
        (SELECT timestamp, value::int, metadata->>'method', metadata->>'route', metadata->>'request_id', metadata->>'node' FROM metric
            WHERE type = 'http_error' AND value < 500 AND timestamp >= $1 AND NOT metadata ? 'drill_id' ORDER BY timestamp DESC LIMIT $2)
        ORDER BY 1 DESC
        """;

    /// <summary>Everything as it is now.</summary>
    public async Task<Dashboard> ReadAsync(int days, CancellationToken ct)
    {
        var period = Period.Last(days, clock.GetUtcNow());
        var (barSpan, bar) = days == 1 ? (RollupSpan.Hour, TimeSpan.FromHours(1)) : (RollupSpan.Day, TimeSpan.FromDays(1));
        var (lineSpan, line) = days switch
        {
            1 => (RollupSpan.Minute, TimeSpan.FromMinutes(15)),
            <= 10 => (RollupSpan.Hour, TimeSpan.FromHours(1)),
            <= 40 => (RollupSpan.Hour, TimeSpan.FromHours(6)),
            _ => (RollupSpan.Day, TimeSpan.FromDays(1)),
        };
        return new Dashboard
        {
            Period = period,
            Now = await summaries.ReadAsync(period, ct),
            Before = await summaries.ReadAsync(period.Before, ct),
            Orders = await OrdersAsync(period.To, ct),
            Bars = Steps(await rollups.ReadAsync(Bars, barSpan, period.From, period.To, ct), Bars, period, bar),
            Lines = Steps(await rollups.ReadAsync(Lines, lineSpan, period.From, period.To, ct), Lines, period, line),
            Errors = await ErrorsAsync(period, ct),
            Health = await health.ReadAsync(ct),
        };
    }

    private static List<ChartStep> Steps(ILookup<string, RollupSum> read, string[] types, Period period, TimeSpan length)
    {
        var count = (int)Math.Ceiling((period.To - period.From) / length);
        var steps = new List<ChartStep>(count);
        for (var i = 0; i < count; i++) steps.Add(new(period.From + i * length, period.From + (i + 1) * length, types.ToDictionary(t => t, _ => new RollupSum(), StringComparer.Ordinal)));
        foreach (var type in types)
            foreach (var sum in read[type])
                if ((int)((sum.At - period.From) / length) is var at && at >= 0 && at < count) steps[at].Sums[type].Add(sum);
        return steps;
    }

    private async Task<(double Today, double WeekBefore)> OrdersAsync(DateTimeOffset now, CancellationToken ct)
    {
        var midnight = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        await using var command = database.CreateCommand(OrdersUntil);
        foreach (var at in (DateTimeOffset[])[midnight, midnight.AddDays(-7), midnight.AddDays(-7).AddHours(now.UtcDateTime.Hour), now.AddDays(-7)]) command.Parameters.Add(new() { Value = at });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetDouble(0), reader.GetDouble(1));
    }

    private async Task<List<RecentError>> ErrorsAsync(Period period, CancellationToken ct)
    {
        await using var command = database.CreateCommand(RecentErrors);
        command.Parameters.Add(new() { Value = period.From });
        command.Parameters.Add(new() { Value = ErrorsOfEachKind });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var errors = new List<RecentError>();
        while (await reader.ReadAsync(ct))
            errors.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5)));
        return errors;
    }
}
