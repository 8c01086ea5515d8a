using System.Numerics;

namespace Retail.Core.Metrics;

/// <summary>Fixed buckets for times, the same everywhere, so that the counts of routes, nodes and spans can be added up.
/// Each doubling from 64 µs to 67 s is cut into 8 equal parts, so a percentile is right to an eighth.</summary>
public static class LatencyHistogram
{
    private const int PartsLog2 = 3, Parts = 1 << PartsLog2, FirstPower = 6, Powers = 20;

    /// <summary>How many buckets there are: one below 64 µs, 160, and one from 67 s up.</summary>
    public const int Buckets = Powers * Parts + 2;

    /// <summary>The bucket of a time.</summary>
    public static int IndexOf(TimeSpan elapsed)
    {
        var micros = (ulong)Math.Max(0, elapsed.Ticks / TimeSpan.TicksPerMicrosecond);
        if (micros < 1UL << FirstPower) return 0;
        var power = BitOperations.Log2(micros);
        if (power >= FirstPower + Powers) return Buckets - 1;
        var part = (int)(micros >> (power - PartsLog2)) & (Parts - 1);
        return 1 + (power - FirstPower) * Parts + part;
    }

    /// <summary>The time in milliseconds that everything in the bucket stays below; infinity for the last.</summary>
    public static double UpperBoundMs(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (index >= Buckets - 1) return double.PositiveInfinity;
        if (index == 0) return (1 << FirstPower) / 1000.0;
        var (power, part) = Math.DivRem(index - 1, Parts);
        return (1L << (FirstPower + power)) * (Parts + part + 1) / (Parts * 1000.0);
    }

    /// <summary>The time in milliseconds that the given share (0 to 1) of the counted stayed below, never told too small;
    /// null when nothing was counted.</summary>
    public static double? PercentileMs(ReadOnlySpan<long> counts, double share)
    {
        long total = 0, seen = 0;
        foreach (var count in counts) total += count;
        if (total == 0) return null;
        var rank = Math.Max(1, (long)Math.Ceiling(share * total));
        for (var i = 0; i < counts.Length; i++)
            if ((seen += counts[i]) >= rank) return UpperBoundMs(i);
        return double.PositiveInfinity;
    }
}
