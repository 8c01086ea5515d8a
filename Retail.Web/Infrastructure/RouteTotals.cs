using Retail.Core.Metrics;

namespace Retail.Web.Infrastructure;

/// <summary>What one route and method has answered since the start. Many threads add; one takes the growth.</summary>
internal sealed class RouteTotals
{
    private readonly LatencyTotals _times = new();
    private readonly LatencyTotals.Mark _taken = new();
    private Counts _counts, _countsTaken;
    private int _mostQueries;

    public void Add(int status, TimeSpan elapsed, int queries)
    {
        if (status >= 500) Interlocked.Increment(ref _counts.Errors5xx);
        else if (status >= 400)
        {
            Interlocked.Increment(ref _counts.Errors4xx);
            if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden) Interlocked.Increment(ref _counts.Rejected);
        }
        if (queries > 0)
        {
            Interlocked.Increment(ref _counts.WithQueries);
            Interlocked.Add(ref _counts.Queries, queries);
            for (var most = Volatile.Read(ref _mostQueries); queries > most; most = Volatile.Read(ref _mostQueries))
                if (Interlocked.CompareExchange(ref _mostQueries, queries, most) == most) break;
        }
        _times.Add(elapsed);
    }

    /// <summary>What came since the last call; null when nothing did.</summary>
    public Growth? TakeGrowth()
    {
        if (_taken.Take(_times) is not { } times) return null;
        return new Growth(times,
            Since(ref _counts.Errors4xx, ref _countsTaken.Errors4xx), Since(ref _counts.Errors5xx, ref _countsTaken.Errors5xx),
            Since(ref _counts.Rejected, ref _countsTaken.Rejected), Since(ref _counts.Queries, ref _countsTaken.Queries),
            Math.Max(0, times.Count - Since(ref _counts.WithQueries, ref _countsTaken.WithQueries)), Interlocked.Exchange(ref _mostQueries, 0));
    }

    private static long Since(ref long total, ref long taken)
    {
        var grown = Interlocked.Read(ref total) - taken;
        taken += grown;
        return grown;
    }

    public sealed record Growth(LatencyGrowth Times, long Errors4xx, long Errors5xx, long Rejected, long Queries, long WithoutQueries, int MostQueries);

    private struct Counts
    {
        public long Errors4xx, Errors5xx, Rejected, Queries, WithQueries;
    }
}
