using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Jobs.Housekeeping;

/// <summary>Removes what was done or discarded long enough ago: rows of the outbox and runs of jobs. What is dead stays until somebody decides.</summary>
public sealed class OutboxCleanUp(NpgsqlDataSource database, IOptions<JobsOptions> options, TimeProvider clock) : IJob<NoArgs>
{
    internal static readonly JobDefinition Definition = new("outbox-clean-up")
    {
        Purpose = "Removes outbox rows and job runs that were done or discarded some days ago.",
        Cron = "0 7 * * * ?",
        TimeLimit = TimeSpan.FromMinutes(10),
    };

    // A few thousand at a time: no long lock, and a stop loses little.
    private const int AtATime = 5000;

    private const string Rows = """
        DELETE FROM outbox WHERE id = ANY(ARRAY(
            SELECT id FROM outbox WHERE status IN ('Done', 'Discarded') AND coalesce(finished_at, due_at) < $1 AND created_at < $1 ORDER BY id LIMIT $2))
        """;

    private const string Runs = "DELETE FROM job_runs WHERE id = ANY(ARRAY(SELECT id FROM job_runs WHERE status IN ('Done', 'Discarded') AND finished_at < $1 LIMIT $2))";

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await RemoveAsync(Rows, now - options.Value.KeepOutbox, ct);
        await RemoveAsync(Runs, now - options.Value.KeepRuns, ct);
        // Quartz is slow on statistics of another time.
        await using var analyze = database.CreateCommand("ANALYZE outbox, job_runs, jobs.qrtz_triggers");
        await analyze.ExecuteNonQueryAsync(ct);
    }

    private async Task RemoveAsync(string sql, DateTimeOffset before, CancellationToken ct)
    {
        int removed;
        do
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.Add(new() { Value = before });
            command.Parameters.Add(new() { Value = AtATime });
            removed = await command.ExecuteNonQueryAsync(ct);
        }
        while (removed == AtATime);
    }
}
