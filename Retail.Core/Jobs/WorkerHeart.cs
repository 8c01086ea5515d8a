using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Jobs.Runs;
using Retail.Core.Metrics;

namespace Retail.Core.Jobs;

/// <summary>
/// Says every two seconds that this worker lives, and frees what a worker had that has said nothing for ten: its rows and runs
/// wait again, and whoever lives goes on with them.
/// </summary>
internal sealed class WorkerHeart(
    NpgsqlDataSource database, WorkerIdentity worker, IJobEngine engine, JobRegistry registry, WorkerState state, MetricRecorder metrics, TimeProvider clock, ILogger<WorkerHeart> logger)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2), Round = TimeSpan.FromSeconds(10);

    // The database's clock throughout, since those of the workers may differ. The oldest worker does what one is enough for.
    private const string Live = """
        INSERT INTO workers (node, engine, started_at, seen_at) VALUES ($1, $2, now(), now())
        ON CONFLICT (node) DO UPDATE SET seen_at = now()
        RETURNING NOT EXISTS (
            SELECT 1 FROM workers older WHERE (older.started_at, older.node) < (workers.started_at, workers.node) AND older.seen_at > now() - interval '10 seconds')
        """;

    private const string Bury = "DELETE FROM workers WHERE seen_at <= now() - interval '10 seconds' RETURNING node, extract(epoch FROM now() - seen_at)::float8";

    private const string FreeRows = """
        UPDATE outbox SET leased_until = NULL
        WHERE status = 'Waiting' AND leased_until > $1 AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.node = leased_by) RETURNING leased_by
        """;

    private const string FreeRuns = """
        UPDATE job_runs SET status = 'Waiting', due_at = $1, scheduled_at = $1, error = 'Its worker ended in the middle of it; another one goes on.'
        WHERE status = 'Running' AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.node = job_runs.node) RETURNING node, id, job
        """;

    // Asked for, but the engine was never told, because the asking process died in between.
    private const string Rescue = """
        UPDATE job_runs SET scheduled_at = $1
        WHERE status = 'Waiting' AND due_at < $1 - interval '15 seconds' AND coalesce(scheduled_at, asked_at) < $1 - interval '1 minute' RETURNING id, job, due_at
        """;

    private const string Depth = """
        SELECT count(*) FILTER (WHERE status = 'Waiting'), coalesce(extract(epoch FROM $1 - min(due_at) FILTER (WHERE status = 'Waiting')), 0)::float8, count(*) FILTER (WHERE status = 'Dead')
        FROM outbox WHERE status = 'Waiting' AND due_at <= $1 OR status = 'Dead'
        """;

    /// <summary>Beats until it is told to stop; a beat that fails is a beat that is missing.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var lastRound = 0L;
        using var timer = new PeriodicTimer(Beat);
        do
        {
            try
            {
                var isOldest = await LiveAsync(stopping);
                state.Beat();
                var dead = await BuryAsync(stopping);
                var isRound = isOldest && (lastRound == 0 || clock.GetElapsedTime(lastRound) >= Round);
                if (dead.Count > 0 || isRound) await FreeAsync(dead, stopping);
                if (!isRound) continue;
                lastRound = clock.GetTimestamp();
                await RescueAsync(stopping);
                await MeasureAsync(stopping);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                logger.DatabaseAway(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    /// <summary>The worker leaves in order: nobody need wait for it.</summary>
    public async Task LeaveAsync()
    {
        state.Stop();
        await using var command = database.CreateCommand("DELETE FROM workers WHERE node = $1");
        command.Parameters.Add(new() { Value = worker.Node });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<bool> LiveAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Live);
        command.Parameters.Add(new() { Value = worker.Node });
        command.Parameters.Add(new() { Value = engine.Name });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private async Task<Dictionary<string, double>> BuryAsync(CancellationToken ct)
    {
        var dead = new Dictionary<string, double>();
        await using var command = database.CreateCommand(Bury);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) dead[reader.GetString(0)] = reader.GetDouble(1);
        return dead;
    }

    private async Task FreeAsync(Dictionary<string, double> dead, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (rows, runs) = (new List<string>(), new List<(string Node, Guid Id, string Job)>());
        await using (var free = Command(FreeRows, now))
        await using (var reader = await free.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) rows.Add(reader.GetString(0));
        await using (var free = Command(FreeRuns, now))
        await using (var reader = await free.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) runs.Add((reader.GetString(0), reader.GetGuid(1), reader.GetString(2)));
        foreach (var (_, id, job) in runs) await ScheduleAsync(id, job, now, ct);
        if (rows.Count > 0) await WakeAllAsync(ct);
        foreach (var (node, silent) in dead)
        {
            var (itsRows, itsRuns) = (rows.Count(n => n == node), runs.Count(r => r.Node == node));
            logger.WorkerBuried(node, silent, itsRows, itsRuns);
            if (itsRows + itsRuns > 0) metrics.Record(MetricTypes.WorkerResumeSeconds, silent, new { worker = node, outbox_rows = itsRows, job_runs = itsRuns });
        }
    }

    private async Task RescueAsync(CancellationToken ct)
    {
        var lost = new List<(Guid Id, string Job, DateTimeOffset DueAt)>();
        await using (var command = Command(Rescue, clock.GetUtcNow()))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) lost.Add((reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        foreach (var (id, job, due) in lost) await ScheduleAsync(id, job, due, ct);
    }

    private async Task ScheduleAsync(Guid id, string job, DateTimeOffset due, CancellationToken ct)
    {
        if (registry.TryFind(job, out var registered)) await engine.ScheduleAsync(new(id, due, registered.Definition), ct);
    }

    private async Task WakeAllAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand($"NOTIFY {WorkerBell.Promised}");
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task MeasureAsync(CancellationToken ct)
    {
        await using var command = Command(Depth, clock.GetUtcNow());
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        metrics.Record(MetricTypes.QueueDepth, reader.GetInt64(0), new { oldest_s = Math.Round(reader.GetDouble(1), 3), dead = reader.GetInt64(2) });
    }

    private NpgsqlCommand Command(string sql, DateTimeOffset now)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = now });
        return command;
    }
}
