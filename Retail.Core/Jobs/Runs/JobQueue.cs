using System.Text.Json;
using Retail.Core.Common.Logs;
using Retail.Core.Data.Jobs;
using Retail.Core.Metrics;

namespace Retail.Core.Jobs.Runs;

/// <summary>Writes down what was asked for, and tells the engine. Should this process die in between, a worker tells it later.</summary>
public sealed class JobQueue(JobRunStore runs, JobRegistry registry, IJobEngine engine, TimeProvider clock) : IJobQueue
{
    /// <inheritdoc/>
    public Task EnqueueAsync<TArgs>(string job, string key, TArgs args, CancellationToken ct) => EnqueueAsync(job, key, JsonSerializer.Serialize(args), null, ct);

    /// <summary>The same with arguments that are JSON already.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="key">What it is about.</param>
    /// <param name="args">What it is told, as JSON.</param>
    /// <param name="by">The admin who asks; null when it is the store itself.</param>
    /// <param name="ct">Ends the asking, not the job.</param>
    /// <returns>False when a run of this job and key waits or runs already.</returns>
    public async Task<bool> EnqueueAsync(string job, string key, string args, string? by, CancellationToken ct)
    {
        if (!registry.TryFind(job, out var registered)) throw new InvalidOperationException($"There is no job {job}.");
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        if (!await runs.AskAsync(id, job, key, args, now, RequestScope.RequestId, DrillScope.Current, by, ct)) return false;
        await engine.ScheduleAsync(new(id, now, registered.Definition), ct);
        return true;
    }
}
