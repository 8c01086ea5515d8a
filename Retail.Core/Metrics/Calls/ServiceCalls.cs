using System.Collections.Concurrent;
using Retail.Core.Metrics.Sampling;

namespace Retail.Core.Metrics.Calls;

/// <summary>All measured methods of this process.</summary>
public static class ServiceCalls
{
    private static readonly ConcurrentDictionary<string, MethodTotals> Methods = new(StringComparer.Ordinal);

    /// <summary>The methods that were called at least once.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, MethodTotals>> All => [.. Methods];

    /// <summary>The totals of a method; overloads share them.</summary>
    internal static MethodTotals Add(string method) => Methods.GetOrAdd(method, _ => new());
}

/// <summary>What one service method has done since the start.</summary>
public sealed class MethodTotals
{
    private long _refused, _failed;

    /// <summary>Times of all calls.</summary>
    public LatencyTotals Times { get; } = new();

    /// <summary>Calls that answered with a refusal.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Calls that threw.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    internal void Add(TimeSpan elapsed, bool refused, bool failed)
    {
        if (refused) Interlocked.Increment(ref _refused);
        if (failed) Interlocked.Increment(ref _failed);
        Times.Add(elapsed);
    }
}

/// <summary>Records the calls of each method, ten seconds in one row.</summary>
public sealed class ServiceCallMetrics : IMetricSource
{
    private readonly Dictionary<string, Taken> _taken = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Record(MetricRecorder metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        foreach (var (method, totals) in ServiceCalls.All)
        {
            if (!_taken.TryGetValue(method, out var taken)) _taken[method] = taken = new();
            if (taken.Times.Take(totals.Times) is not { } calls) continue;
            var (refused, failed) = (totals.Refused, totals.Failed);
            metrics.Record(MetricTypes.ServiceCall, calls.Count, new
            {
                method,
                refused = refused - taken.Refused,
                failed = failed - taken.Failed,
                total_ms = calls.TotalMs,
                buckets = calls.Buckets,
            });
            (taken.Refused, taken.Failed) = (refused, failed);
        }
    }

    private sealed class Taken
    {
        public LatencyTotals.Mark Times { get; } = new();

        public long Refused { get; set; }

        public long Failed { get; set; }
    }
}
