using Retail.Core.Data.Jobs;

namespace Retail.Core.Jobs;

/// <summary>What Retail asks of a job engine: to say, of all workers together, which one begins what and when. There is one adapter
/// for each engine; what a run did, its tries and its history are the same for all (<see cref="Runs.JobRunner"/>).</summary>
public interface IJobEngine
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>Makes the recurring jobs known and begins to run what is due, in this process.</summary>
    Task StartAsync(IReadOnlyCollection<RegisteredJob> jobs, CancellationToken ct);

    /// <summary>Begins nothing more; what runs goes on.</summary>
    Task StandByAsync(CancellationToken ct);

    /// <summary>Looks for what is due at once: another process may have asked for something.</summary>
    Task WakeAsync(CancellationToken ct);

    /// <summary>Has one worker call <see cref="Runs.JobRunner.RunAsync"/> when it is due. The same run at the same time, asked for again does nothing. Works in any process, also where the engine was not started.</summary>
    Task ScheduleAsync(ScheduledRun run, CancellationToken ct);

    /// <summary>When each recurring job is due next; a job that is not known yet is missing.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> NextAsync(CancellationToken ct);
}

/// <summary>A run to be begun.</summary>
/// <param name="Id">The <see cref="Runs.JobRun"/>.</param>
/// <param name="DueAt">Not before, UTC.</param>
/// <param name="Job">How it is run.</param>
public sealed record ScheduledRun(Guid Id, DateTimeOffset DueAt, JobDefinition Job);
