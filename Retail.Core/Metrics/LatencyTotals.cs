namespace Retail.Core.Metrics;

/// <summary>Times since the start, in the buckets of <see cref="LatencyHistogram"/>. It only ever grows, so adding needs no lock, and each
/// reader finds what came since its own last look.</summary>
public sealed class LatencyTotals
{
    private readonly long[] _buckets = new long[LatencyHistogram.Buckets];
    private long _ticks;

    /// <summary>Adds one time; by any thread.</summary>
    public void Add(TimeSpan elapsed)
    {
        Interlocked.Add(ref _ticks, elapsed.Ticks);
        Interlocked.Increment(ref _buckets[LatencyHistogram.IndexOf(elapsed)]);
    }

    /// <summary>What one reader has already taken.</summary>
    public sealed class Mark
    {
        private readonly long[] _buckets = new long[LatencyHistogram.Buckets];
        private long _ticks;

        /// <summary>What came since the last call; null when nothing did. The count is the sum of the buckets, so the two always agree.</summary>
        public LatencyGrowth? Take(LatencyTotals totals)
        {
            ArgumentNullException.ThrowIfNull(totals);
            long count = 0;
            SortedDictionary<int, long>? buckets = null;
            for (var i = 0; i < _buckets.Length; i++)
            {
                var grown = Interlocked.Read(ref totals._buckets[i]) - _buckets[i];
                if (grown == 0) continue;
                _buckets[i] += grown;
                count += grown;
                (buckets ??= [])[i] = grown;
            }
            if (buckets is null) return null;
            var ticks = Interlocked.Read(ref totals._ticks);
            var ms = Math.Round((ticks - _ticks) / (double)TimeSpan.TicksPerMillisecond, 3);
            _ticks = ticks;
            return new LatencyGrowth(count, ms, buckets);
        }
    }
}

/// <summary>Times of a span.</summary>
/// <param name="Count">How many.</param>
/// <param name="TotalMs">Their sum.</param>
/// <param name="Buckets">Counts by bucket number, empty ones left out.</param>
public sealed record LatencyGrowth(long Count, double TotalMs, SortedDictionary<int, long> Buckets);
