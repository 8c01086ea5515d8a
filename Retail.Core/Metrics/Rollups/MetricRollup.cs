using Npgsql;

namespace Retail.Core.Metrics.Rollups;

/// <summary>
/// Brings the roll-ups up to date: the minutes since the last run, and those that rows came late for; then the hours and days that hold
/// them. Whole minutes are computed anew, so running twice, or two workers at once, changes nothing.
/// </summary>
public sealed class MetricRollup(NpgsqlDataSource database, TimeProvider clock)
{
    // Rows of a minute are all written within two; later ones are told by the recorder.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2), Chunk = TimeSpan.FromHours(6);

    // One at a time, or two would wait for each other's rows.
    private const string OneAtATime = "SELECT pg_advisory_xact_lock(7311701)";
    private const string Late = "SELECT minute FROM metric_late WHERE minute < $1 ORDER BY minute";
    private const string Forget = "DELETE FROM metric_late WHERE minute >= $1 AND minute < $2";
    private const string Newest = "SELECT max(starts_at) FROM metric_rollup WHERE span = 'Minute'";

    /// <summary>Rolls up what came since the last run; answers the first hour that changed, null when nothing was there.</summary>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var end = clock.GetUtcNow().AddMinutes(1);
        if (await FromAsync(connection, ct) is not { } from) return null;
        var first = from;
        foreach (var late in (await LateAsync(connection, from, ct)).GroupBy(HourOf))
        {
            await RollAsync(connection, late.First(), late.Last().AddMinutes(1), ct);
            if (late.First() < first) first = late.First();
        }
        for (; from < end; from += Chunk) await RollAsync(connection, from, from + Chunk < end ? from + Chunk : end, ct);
        return HourOf(first);
    }

    /// <summary>Computes the minutes of a span anew, with the hours and days that hold them.</summary>
    public async Task RollAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await RollAsync(connection, from, to, ct);
    }

    private static async Task RollAsync(NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (hour, day) = (HourOf(from), new DateTimeOffset(from.UtcDateTime.Date, TimeSpan.Zero));
        var (hourEnd, dayEnd) = (HourOf(to).AddHours(1), new DateTimeOffset(to.UtcDateTime.Date, TimeSpan.Zero).AddDays(1));
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new(OneAtATime),
                new("SET LOCAL jit = off"),
                Between(Forget, from, to),
                Between(RollupTable.Minutes, from, to),
                Longer("Minute", "Hour", hour, hourEnd),
                Longer("Hour", "Day", day, dayEnd),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task<DateTimeOffset?> FromAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var newest = new NpgsqlCommand(Newest, connection);
        if (await newest.ExecuteScalarAsync(ct) is DateTime last) return new DateTimeOffset(last, TimeSpan.Zero) - Overlap;
        return await MetricTable.FirstDayAsync(connection, ct) is { } day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
    }

    private static async Task<List<DateTimeOffset>> LateAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Late, connection) { Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = before } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var minutes = new List<DateTimeOffset>();
        while (await reader.ReadAsync(ct)) minutes.Add(reader.GetFieldValue<DateTimeOffset>(0));
        return minutes;
    }

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcDateTime.Date.AddHours(at.UtcDateTime.Hour), TimeSpan.Zero);

    private static NpgsqlBatchCommand Between(string sql, DateTimeOffset from, DateTimeOffset to) => new(sql)
    {
        Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = from }, new NpgsqlParameter<DateTimeOffset> { TypedValue = to } },
    };

    private static NpgsqlBatchCommand Longer(string shorter, string span, DateTimeOffset from, DateTimeOffset to)
    {
        var command = Between(RollupTable.Longer(span), from, to);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = shorter });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = span.ToLowerInvariant() });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. RollupTypes.Derived] });
        return command;
    }
}
