namespace Retail.Core.Metrics.Sampling;

/// <summary>Something that sums or looks, and is asked each ten seconds, and once more when the host stops, to record what it has.</summary>
public interface IMetricSource
{
    /// <summary>Records what came since the last call.</summary>
    void Record(MetricRecorder metrics);
}

/// <summary>Something that must have happened before a host may call itself ready.</summary>
public interface IReadyWhen
{
    /// <summary>It has happened.</summary>
    bool IsReady { get; }
}

/// <summary>What a process is, for the list of nodes.</summary>
/// <param name="Role">web or worker.</param>
/// <param name="Worker">It runs the worker, alone or beside the pages.</param>
public sealed record NodeRole(string Role, bool Worker);
