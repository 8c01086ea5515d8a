using Retail.Core.Metrics;
using Retail.Core.Metrics.Rollups;

namespace Retail.Core.Quality.Measures;

/// <summary>The days that somebody asks about, and the days to compare them with.</summary>
/// <param name="Days">1 to 90.</param>
/// <param name="From">Where they begin, UTC.</param>
/// <param name="To">Now.</param>
public sealed record Period(int Days, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The longest that can be asked for.</summary>
    public const int MostDays = 90;

    /// <summary>How far back the compared time lies: a week, or the whole period when that is longer.</summary>
    public TimeSpan Shift => TimeSpan.FromDays(Math.Max(7, Days));

    /// <summary>The same length, earlier.</summary>
    public Period Before => this with { From = From - Shift, To = To - Shift, IsOver = true };

    /// <summary>It does not end now, so that the day it ends in is not summed up as a whole.</summary>
    public bool IsOver { get; init; }

    /// <summary>The last days until now.</summary>
    public static Period Last(int days, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, MostDays);
        // One day is 24 hours, this one included; more are days in UTC, today included.
        return days == 1 ? new(days, new DateTimeOffset(now.UtcDateTime.Date.AddHours(now.UtcDateTime.Hour - 23), TimeSpan.Zero), now) : new(days, new DateTimeOffset(now.UtcDateTime.Date.AddDays(1 - days), TimeSpan.Zero), now);
    }
}

/// <summary>A period in numbers. A rate is null when there was nothing to be a part of.</summary>
public sealed record Summary
{
    /// <summary>Orders placed.</summary>
    public required double Orders { get; init; }

    /// <summary>What they come to, in the store's currency.</summary>
    public required double OrderValue { get; init; }

    /// <summary>Money captured, in the store's currency.</summary>
    public required double Revenue { get; init; }

    /// <summary>Refunds paid out.</summary>
    public required double Refunds { get; init; }

    /// <summary>What they come to.</summary>
    public required double RefundValue { get; init; }

    /// <summary>Requests of people and programs, probes left out.</summary>
    public required double Requests { get; init; }

    /// <summary>Of them those answered with 4xx or 5xx.</summary>
    public required double Errors { get; init; }

    /// <summary>Of them those answered with 5xx.</summary>
    public required double ServerErrors { get; init; }

    /// <summary>Errors in percent of requests.</summary>
    public required double? ErrorRate { get; init; }

    /// <summary>Payments that were captured, were declined, were never charged, and have no answer yet.</summary>
    public required (double Captured, double Declined, double Abandoned, double Open) Payments { get; init; }

    /// <summary>Captured payments in percent of those that ended.</summary>
    public required double? PaymentSuccessRate { get; init; }

    /// <summary>Mean time to answer, in ms.</summary>
    public required double? AvgResponseTime { get; init; }

    /// <summary>Half of the requests, 95 and 99 percent were answered within so many ms.</summary>
    public required (double? P50, double? P95, double? P99) ResponseTime { get; init; }

    /// <summary>Incidents; 0 is the promise.</summary>
    public required double StockConflicts { get; init; }

    /// <summary>Requests refused because they came too often.</summary>
    public required double Throttled { get; init; }

    /// <summary>Carts left behind, in percent.</summary>
    public required double? CartAbandonment { get; init; }

    /// <summary>Checkouts that became orders, in percent.</summary>
    public required double? CheckoutConversion { get; init; }

    /// <summary>Searches without a hit, in percent of all.</summary>
    public required double? EmptySearches { get; init; }

    /// <summary>Catalogue pages answered without a query, in percent.</summary>
    public required double? ReadModelHits { get; init; }
}

/// <summary>Sums a period up from the roll-ups.</summary>
public sealed class SummaryReader(RollupReader rollups)
{
    private static readonly string[] Types =
    [
        MetricTypes.OrdersPerDay, MetricTypes.RefundsPerDay, MetricTypes.ErrorRate, MetricTypes.AvgResponseTime, MetricTypes.PaymentSuccessRate, MetricTypes.StockConflicts,
        MetricTypes.ThrottledRequests, MetricTypes.SearchWithoutResult, MetricTypes.ReadModel,
    ];

    // Known by the day alone.
    private static readonly string[] DayTypes = [MetricTypes.CartAbandonment, MetricTypes.CheckoutConversion];

    /// <summary>The period in numbers.</summary>
    public async Task<Summary> ReadAsync(Period period, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(period);
        var sums = Types.Concat(DayTypes).ToDictionary(type => type, _ => new RollupSum(), StringComparer.Ordinal);
        foreach (var (types, span, from, to) in Pieces(period))
            foreach (var same in await rollups.ReadAsync(types, span, from, to, ct))
                foreach (var sum in same) sums[same.Key].Add(sum);
        return Of(sums);
    }

    // Whole days by the day; what a time in the past ends within, by the hour and by the minute.
    private static IEnumerable<(string[] Types, RollupSpan Span, DateTimeOffset From, DateTimeOffset To)> Pieces(Period period)
    {
        var (from, to) = (period.From, period.To);
        var lastDay = new DateTimeOffset(to.UtcDateTime.Date, TimeSpan.Zero);
        var lastHour = lastDay.AddHours(to.UtcDateTime.Hour);
        yield return (DayTypes, RollupSpan.Day, new DateTimeOffset(from.UtcDateTime.Date, TimeSpan.Zero), to);
        if (period.Days > 1) yield return (Types, RollupSpan.Day, from, period.IsOver ? lastDay : to);
        if (!period.IsOver)
        {
            if (period.Days == 1) yield return (Types, RollupSpan.Hour, from, to);
            yield break;
        }
        yield return (Types, RollupSpan.Hour, period.Days == 1 ? from : lastDay, lastHour);
        yield return (Types, RollupSpan.Minute, lastHour, to);
    }

    private static Summary Of(Dictionary<string, RollupSum> sums)
    {
        var (orders, refunds, payments, searches, reads, errors, times) = (sums[MetricTypes.OrdersPerDay], sums[MetricTypes.RefundsPerDay], sums[MetricTypes.PaymentSuccessRate],
            sums[MetricTypes.SearchWithoutResult], sums[MetricTypes.ReadModel], sums[MetricTypes.ErrorRate], sums[MetricTypes.AvgResponseTime]);
        return new Summary
        {
            Orders = orders.Total,
            OrderValue = orders["total"],
            Revenue = payments["amount"],
            Refunds = refunds.Total,
            RefundValue = refunds["amount"],
            Requests = errors["of"],
            Errors = errors["part"],
            ServerErrors = errors["server_errors"],
            ErrorRate = errors.Percent,
            Payments = (payments["captured"], payments["declined"], payments["abandoned"], payments["open"]),
            PaymentSuccessRate = payments.Percent,
            AvgResponseTime = times.Mean,
            ResponseTime = (times.PercentileMs(0.5), times.PercentileMs(0.95), times.PercentileMs(0.99)),
            StockConflicts = sums[MetricTypes.StockConflicts].Total,
            Throttled = sums[MetricTypes.ThrottledRequests].Total,
            CartAbandonment = sums[MetricTypes.CartAbandonment].Percent,
            CheckoutConversion = sums[MetricTypes.CheckoutConversion].Percent,
            EmptySearches = searches["total"] > 0 ? 100 * searches.Total / searches["total"] : null,
            ReadModelHits = reads["total"] > 0 ? 100 * reads["hits"] / reads["total"] : null,
        };
    }
}
