namespace Retail.Core.Jobs;

/// <summary>Whether this process's worker works.</summary>
public sealed class WorkerState(TimeProvider clock)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private long _beatAt;

    /// <summary>Its heart has beaten lately: it runs, and its database answers.</summary>
    public bool IsWorking => Volatile.Read(ref _beatAt) is not 0 and var at && clock.GetElapsedTime(at) < Silence;

    internal void Beat() => Volatile.Write(ref _beatAt, clock.GetTimestamp());

    internal void Stop() => Volatile.Write(ref _beatAt, 0);
}
