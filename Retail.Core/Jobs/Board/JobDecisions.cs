using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Jobs.Runs;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Jobs.Board;

/// <summary>What an admin decides: a job's turn now, a pause, and what becomes of what is dead. Who decided is written down.</summary>
public sealed class JobDecisions(NpgsqlDataSource database, JobRegistry registry, JobQueue queue, IJobEngine engine, TimeProvider clock, ILogger<JobDecisions> logger)
{
    private static readonly ServiceError NoSuchJob = new(Refusal.NotFound, "no_such_job", "There is no recurring job of this name. Go back to the list and choose one.");
    private static readonly ServiceError OpenAlready = new(Refusal.Conflict, "job_runs_already", "This job waits or runs already. Look at the list again in a moment.");
    private static readonly ServiceError NotDead = new(Refusal.Conflict, "work_not_dead", "Somebody else has decided about this already, or it is not dead. Look at the list again.");

    /// <summary>Has a recurring job run now, paused or not; its schedule stays as it is.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> RunNowAsync(string job, string by, CancellationToken ct)
    {
        if (!IsRecurring(job)) return NoSuchJob;
        if (!await queue.EnqueueAsync(job, "", "{}", by, ct)) return OpenAlready;
        logger.Decided(by, "ran", job);
        return ServiceResult.Done;
    }

    /// <summary>Lets a recurring job's turns pass until it is resumed. A run that has begun goes on.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> PauseAsync(string job, string by, CancellationToken ct)
    {
        if (!IsRecurring(job)) return NoSuchJob;
        await RunAsync("INSERT INTO paused_jobs (job, by, at) VALUES ($1, $2, $3) ON CONFLICT (job) DO NOTHING", ct, job, by, clock.GetUtcNow());
        logger.Decided(by, "paused", job);
        return ServiceResult.Done;
    }

    /// <summary>Ends a pause.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> ResumeAsync(string job, string by, CancellationToken ct)
    {
        if (!IsRecurring(job)) return NoSuchJob;
        await RunAsync("DELETE FROM paused_jobs WHERE job = $1", ct, job);
        logger.Decided(by, "resumed", job);
        return ServiceResult.Done;
    }

    /// <summary>Has dead work tried again, with all its tries.</summary>
    /// <param name="id">As in the board's list.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="ct">Stops the asking.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> RequeueAsync(string id, string by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (WorkId.Parse(id) is not { } work) return NotDead;
        if (!work.IsJob)
        {
            // A notice by hand, since the trigger tells of new rows only.
            if (await RunAsync("UPDATE outbox SET status = 'Waiting', tries = 0, due_at = $3, decided_by = $2 WHERE id = $1 AND status = 'Dead'", ct, work.Promise, by, now) == 0) return NotDead;
            await RunAsync($"NOTIFY {WorkerBell.Promised}", ct);
        }
        else if (await RequeueRunAsync(work.Run, by, now, ct) is { } error) return error;
        logger.Decided(by, "requeued", id);
        return ServiceResult.Done;
    }

    /// <summary>Leaves dead work undone; the row says who decided so.</summary>
    /// <param name="id">As in the board's list.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="ct">Stops the asking.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> DiscardAsync(string id, string by, CancellationToken ct)
    {
        if (WorkId.Parse(id) is not { } work) return NotDead;
        object key = work.IsJob ? work.Run : work.Promise;
        var table = work.IsJob ? "job_runs" : "outbox";
        if (await RunAsync($"UPDATE {table} SET status = 'Discarded', decided_by = $2, finished_at = $3 WHERE id = $1 AND status = 'Dead'", ct, key, by, clock.GetUtcNow()) == 0) return NotDead;
        logger.Decided(by, "discarded", id);
        return ServiceResult.Done;
    }

    private bool IsRecurring(string job) => registry.TryFind(job, out var found) && found.Definition.Cron is not null;

    private async Task<ServiceError?> RequeueRunAsync(Guid run, string by, DateTimeOffset now, CancellationToken ct)
    {
        await using var requeue = database.CreateCommand("""
            UPDATE job_runs r SET status = 'Waiting', tries = 0, due_at = $3, scheduled_at = $3, decided_by = $2
            WHERE id = $1 AND status = 'Dead' AND NOT EXISTS (SELECT 1 FROM job_runs o WHERE o.job = r.job AND o.key = r.key AND o.status IN ('Waiting', 'Running')) RETURNING job
            """);
        Add(requeue, run, by, now);
        if (await requeue.ExecuteScalarAsync(ct) is not string job)
        {
            await using var dead = database.CreateCommand("SELECT EXISTS (SELECT 1 FROM job_runs WHERE id = $1 AND status = 'Dead')");
            Add(dead, run);
            return await dead.ExecuteScalarAsync(ct) is true ? OpenAlready : NotDead;
        }
        if (registry.TryFind(job, out var registered)) await engine.ScheduleAsync(new(run, now, registered.Definition), ct);
        return null;
    }

    private async Task<int> RunAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        Add(command, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
    }
}
