using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Jobs;

/// <summary>Settings "Jobs".</summary>
public sealed class JobsOptions
{
    /// <summary>Runs of all jobs together that one worker does at once.</summary>
    [Range(1, 200)] public int AtOnce { get; init; } = 16;

    /// <summary>Kinds of promises that this worker keeps, and it does no jobs; empty: a worker for all there is. A drill starts such a worker, to kill it.</summary>
    public IReadOnlyList<string> OnlyPromises { get; init; } = [];

    /// <summary>How long work that has begun may go on when the worker stops; then it is handed back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")] public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the outbox keeps what was done or discarded.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")] public TimeSpan KeepOutbox { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long runs of jobs are kept that were done or discarded.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")] public TimeSpan KeepRuns { get; init; } = TimeSpan.FromDays(3);
}
