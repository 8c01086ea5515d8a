using Retail.Core.Metrics;
using Xunit;

namespace Retail.Tests.Observability;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Every_time_lies_below_its_buckets_bound_and_not_below_the_one_before()
    {
        for (var micros = 1.0; micros < 60_000_000; micros *= 1.003)
        {
            var elapsed = TimeSpan.FromMicroseconds(Math.Floor(micros));
            var index = LatencyHistogram.IndexOf(elapsed);
            Assert.True(elapsed.TotalMilliseconds < LatencyHistogram.UpperBoundMs(index));
            if (index > 0) Assert.True(elapsed.TotalMilliseconds >= LatencyHistogram.UpperBoundMs(index - 1));
        }
        Assert.Equal(LatencyHistogram.Buckets - 1, LatencyHistogram.IndexOf(TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_percentile_is_right_to_an_eighth_and_nothing_has_none()
    {
        var counts = new long[LatencyHistogram.Buckets];
        Assert.Null(LatencyHistogram.PercentileMs(counts, 0.95));
        for (var ms = 1; ms <= 1000; ms++) counts[LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(ms))]++;
        Assert.InRange(LatencyHistogram.PercentileMs(counts, 0.50)!.Value, 500, 563);
        Assert.InRange(LatencyHistogram.PercentileMs(counts, 0.95)!.Value, 950, 1069);
    }
}
