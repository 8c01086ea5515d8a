using Retail.Core.Metrics;

namespace Retail.Web.Infrastructure;

/// <summary>What one route and method has answered since the start. Many threads add; one takes the growth.</summary>
internal sealed class RouteTotals
{
    private readonly long[] _buckets = new long[LatencyHistogram.Buckets], _taken = new long[LatencyHistogram.Buckets];
    private long _errors4xx, _errors5xx, _ticks, _taken4xx, _taken5xx, _takenTicks;

    public void Add(int status, TimeSpan elapsed)
    {
        if (status >= 500) Interlocked.Increment(ref _errors5xx);
        else if (status >= 400) Interlocked.Increment(ref _errors4xx);
        Interlocked.Add(ref _ticks, elapsed.Ticks);
        Interlocked.Increment(ref _buckets[LatencyHistogram.IndexOf(elapsed)]);
    }

    /// <summary>What came since the last call; null when nothing did. The count is the sum of the buckets, so the two always agree.</summary>
    public Growth? TakeGrowth()
    {
        long count = 0;
        SortedDictionary<int, long>? buckets = null;
        for (var i = 0; i < _buckets.Length; i++)
        {
            var grown = Interlocked.Read(ref _buckets[i]) - _taken[i];
            if (grown == 0) continue;
            _taken[i] += grown;
            count += grown;
            (buckets ??= [])[i] = grown;
        }
        if (buckets is null) return null;
        var ms = Math.Round(Since(ref _ticks, ref _takenTicks) / (double)TimeSpan.TicksPerMillisecond, 3);
        return new Growth(count, Since(ref _errors4xx, ref _taken4xx), Since(ref _errors5xx, ref _taken5xx), ms, buckets);
    }

    private static long Since(ref long total, ref long taken)
    {
        var grown = Interlocked.Read(ref total) - taken;
        taken += grown;
        return grown;
    }

    public sealed record Growth(long Count, long Errors4xx, long Errors5xx, double TotalMs, SortedDictionary<int, long> Buckets);
}
