namespace Retail.Core.Jobs.Board;

/// <summary>Where work stands, as an admin sees it.</summary>
public enum WorkState
{
    /// <summary>A worker is at it.</summary>
    Running,

    /// <summary>To be done when due; not tried yet.</summary>
    Waiting,

    /// <summary>Has failed and will be tried again.</summary>
    Failed,

    /// <summary>Was tried too often; it stays until somebody requeues or discards it.</summary>
    Dead,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Was dead, and somebody said that it need not be done.</summary>
    Discarded,
}

/// <summary>A run of a job or a promise of the outbox.</summary>
/// <param name="Id">j- with a run's key, or p- with a promise's.</param>
/// <param name="Kind">The job's name, or the promise's kind.</param>
/// <param name="Key">What it is about.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="MadeAt">When it was asked for or promised, UTC.</param>
/// <param name="DueAt">Not before, UTC.</param>
/// <param name="StartedAt">When the last try began, UTC.</param>
/// <param name="FinishedAt">When the last try ended, UTC; null while it runs.</param>
/// <param name="Error">What went wrong at the last try.</param>
/// <param name="RequestId">The request that it comes from.</param>
/// <param name="Node">The worker of the last try.</param>
/// <param name="DecidedBy">The admin who started, requeued or discarded it.</param>
/// <param name="Args">What a job is told, as JSON; null for a promise.</param>
public sealed record WorkItem(
    string Id, string Kind, string Key, WorkState State, int Tries, DateTimeOffset MadeAt, DateTimeOffset DueAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt,
    string? Error, string? RequestId, string? Node, string? DecidedBy, string? Args)
{
    /// <summary>How long the last try took, or has taken so far.</summary>
    public TimeSpan? Duration(DateTimeOffset now) => StartedAt is { } started && (State == WorkState.Running ? now : FinishedAt) is { } end && end >= started ? end - started : null;
}

/// <summary>A recurring job.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Purpose">What it does.</param>
/// <param name="Cron">When it recurs.</param>
/// <param name="TimeZone">In which time zone that is meant.</param>
/// <param name="NextAt">Its next turn, UTC; null while no worker has made it known.</param>
/// <param name="Last">Its last run; null before the first.</param>
/// <param name="PausedBy">Who has stopped it; null when it runs.</param>
/// <param name="PausedAt">When, UTC.</param>
public sealed record RecurringJob(string Name, string Purpose, string Cron, string TimeZone, DateTimeOffset? NextAt, WorkItem? Last, string? PausedBy, DateTimeOffset? PausedAt);

/// <summary>All work in numbers.</summary>
/// <param name="Workers">Workers that live.</param>
/// <param name="Due">Promises and runs that are due and wait.</param>
/// <param name="OldestDue">How long the oldest of them has been due; zero when nothing waits.</param>
/// <param name="Running">At this moment.</param>
/// <param name="Failed">To be tried again.</param>
/// <param name="Dead">For somebody to look at.</param>
public sealed record WorkSummary(int Workers, int Due, TimeSpan OldestDue, int Running, int Failed, int Dead);
