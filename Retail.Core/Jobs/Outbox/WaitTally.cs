using Retail.Core.Metrics;

namespace Retail.Core.Jobs.Outbox;

/// <summary>Sums up how long rows and jobs of a kind waited from being due to being begun; tells the metric table at most once a second.</summary>
internal sealed class WaitTally(string kind, MetricRecorder metrics, TimeProvider clock)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, long> _buckets = [];
    private long _toldAt;
    private long _count;
    private double _sum, _max;

    public void Add(TimeSpan wait)
    {
        if (wait < TimeSpan.Zero) wait = TimeSpan.Zero;
        lock (_lock)
        {
            _count++;
            _sum += wait.TotalSeconds;
            _max = Math.Max(_max, wait.TotalSeconds);
            var bucket = LatencyHistogram.IndexOf(wait);
            _buckets[bucket] = _buckets.GetValueOrDefault(bucket) + 1;
        }
    }

    /// <summary>For what comes one by one.</summary>
    public void TellOf(TimeSpan wait)
    {
        Add(wait);
        Tell(isLast: true);
    }

    public void Tell(bool isLast = false)
    {
        lock (_lock)
        {
            if (_count == 0 || !isLast && clock.GetElapsedTime(_toldAt) < Every) return;
            metrics.Record(MetricTypes.JobWaitSeconds, _sum / _count, new { kind, count = _count, max = Math.Round(_max, 6), buckets = _buckets });
            (_count, _sum, _max, _toldAt) = (0, 0, 0, clock.GetTimestamp());
            _buckets.Clear();
        }
    }
}
