using Npgsql;

namespace Retail.Core.Jobs.Runs;

/// <summary>A run that this worker has taken.</summary>
internal sealed record TakenRun(Guid Id, string Job, string Key, string Args, int Tries, string? RequestId, Guid? DrillId, DateTimeOffset DueAt);

/// <summary>The runs' SQL. Whoever takes a run is the only one who has it, whatever the engine does.</summary>
public sealed class JobRunStore(NpgsqlDataSource database, WorkerIdentity worker)
{
    private const string Ask = """
        INSERT INTO job_runs (id, job, key, args, status, tries, asked_at, due_at, scheduled_at, request_id, decided_by, drill_id)
        VALUES ($1, $2, $3, $4, 'Waiting', 0, $5, $5, $5, $6, $7, $8) ON CONFLICT (job, key) WHERE status IN ('Waiting', 'Running') DO NOTHING
        """;

    // What failed before and waits for its next try is tried now; of the dead ones of a recurring job the newest is enough.
    private const string Recur = """
        WITH old AS (DELETE FROM job_runs WHERE job = $2 AND key = '' AND status = 'Dead')
        INSERT INTO job_runs (id, job, key, args, status, tries, asked_at, due_at, scheduled_at)
        VALUES ($1, $2, '', '{}', 'Waiting', 0, $4, $3, $4)
        ON CONFLICT (job, key) WHERE status IN ('Waiting', 'Running') DO UPDATE SET due_at = least(job_runs.due_at, excluded.due_at)
        RETURNING id
        """;

    // A run that a dead worker had is taken over; alive is who was seen lately.
    private const string Take = """
        UPDATE job_runs r SET status = 'Running', node = $2, started_at = $3, finished_at = NULL, tries = tries + 1
        WHERE id = $1 AND (status = 'Waiting' OR status = 'Running' AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.node = r.node AND w.seen_at > now() - interval '6 seconds'))
        RETURNING job, key, args, tries, request_id, drill_id, due_at
        """;

    private const string Close = """
        UPDATE job_runs SET status = $3, tries = $4, due_at = coalesce($5::timestamptz, due_at), scheduled_at = $5, error = $6, finished_at = $7
        WHERE id = $1 AND status = 'Running' AND node = $2
        """;

    /// <summary>Writes down what was asked for; false when a run of this job and key waits or runs already.</summary>
    internal async Task<bool> AskAsync(Guid id, string job, string key, string args, DateTimeOffset now, string? requestId, Guid? drillId, string? by, CancellationToken ct)
    {
        await using var command = Command(Ask, id, job, key, args, now, requestId, by, drillId);
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    /// <summary>The run for a recurring job's turn: a new one, or the one that is still open.</summary>
    internal async Task<Guid> RecurAsync(Guid id, string job, DateTimeOffset due, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = Command(Recur, id, job, due, now);
        return (Guid)(await command.ExecuteScalarAsync(ct))!;
    }

    internal async Task<bool> IsPausedAsync(string job, CancellationToken ct)
    {
        await using var command = Command("SELECT EXISTS (SELECT 1 FROM paused_jobs WHERE job = $1)", job);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>Takes the run for this worker; null when another has it, or it is closed.</summary>
    internal async Task<TakenRun?> TakeAsync(Guid id, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = Command(Take, id, worker.Node, now);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(id, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetGuid(5), reader.GetFieldValue<DateTimeOffset>(6))
            : null;
    }

    /// <summary>Says what became of a run; false when it is not this worker's any more.</summary>
    internal async Task<bool> CloseAsync(TakenRun run, JobRunStatus status, int tries, DateTimeOffset? due, string? error, DateTimeOffset now)
    {
        await using var command = Command(Close, run.Id, worker.Node, status.ToString(), tries, due, error, now);
        return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }
}
