using System.Globalization;
using Retail.Core.Common;
using Retail.Core.Metrics;
using Retail.Core.Quality.Measures;

namespace Retail.Web.Areas.Admin.Charts;

/// <summary>The dashboard's charts.</summary>
public static class DashboardCharts
{
    public static IReadOnlyList<Chart> Of(Dashboard data, string currency)
    {
        ArgumentNullException.ThrowIfNull(data);
        var each = data.Period.Days == 1 ? "hour" : "day";
        return
        [
            Bars(data, "orders", $"Orders by {each}", "Orders placed, whatever became of them.", Figures.Count, new ChartSeries("Orders", "c1", Values(data.Bars, MetricTypes.OrdersPerDay, s => s.Total))) with { LeastTop = 4 },
            Bars(data, "revenue", $"Revenue by {each}", "Money that was captured; refunds are not taken off.", v => PriceText.Brief((decimal)v, currency),
                new ChartSeries("Revenue", "c1", Values(data.Bars, MetricTypes.PaymentSuccessRate, s => s["amount"]))) with { LeastTop = 20 },
            Payments(data, each),
            Lines(data, "response", "Response time", "Half, 95 and 99 percent of requests were answered within.", v => Figures.Ms(v), 4,
                new ChartSeries("p50", "c1", Values(data.Lines, MetricTypes.AvgResponseTime, s => s.PercentileMs(0.5))),
                new ChartSeries("p95", "c2", Values(data.Lines, MetricTypes.AvgResponseTime, s => s.PercentileMs(0.95))),
                new ChartSeries("p99", "c3", Values(data.Lines, MetricTypes.AvgResponseTime, s => s.PercentileMs(0.99)))),
            Lines(data, "errors", "Error rate", "Of all requests: refused with 4xx, and failed with 5xx.", v => Figures.Percent(v), 1,
                new ChartSeries("Refused (4xx)", "c2", Values(data.Lines, MetricTypes.ErrorRate, s => s["of"] > 0 ? 100 * (s["part"] - s["server_errors"]) / s["of"] : null)),
                new ChartSeries("Failed (5xx)", "c3", Values(data.Lines, MetricTypes.ErrorRate, s => s["of"] > 0 ? 100 * s["server_errors"] / s["of"] : null))),
        ];
    }

    private static Chart Payments(Dashboard data, string each)
    {
        var series = new[]
        {
            Of("Captured", "c1", "captured"), Of("Declined", "c2", "declined"), Of("Never charged", "c3", "abandoned"), Of("No answer yet", "c4", "open"),
        };
        return Bars(data, "payments", $"Payments by {each}", "What became of the attempts to charge that began then.", Figures.Count, series) with
        {
            LeastTop = 4,
            Legend = s => Figures.Count(s.Values.Sum(v => v ?? 0)),
        };

        ChartSeries Of(string name, string css, string field) => new(name, css, Values(data.Bars, MetricTypes.PaymentSuccessRate, s => s[field]));
    }

    private static Chart Bars(Dashboard data, string id, string title, string caption, Func<double, string> format, params ChartSeries[] series)
    {
        // Words that begin under every n-th bar: seven days each have theirs.
        var count = data.Bars.Count;
        var group = count <= 8 ? 1 : Enumerable.Range(2, count).First(n => count % n == 0 && count / n <= 6);
        return new Chart
        {
            Id = id,
            Title = title,
            Caption = caption,
            Kind = ChartKind.Bars,
            Format = format,
            Series = series,
            Steps = [.. data.Bars.Select(b => Word(b.From, data.Period.Days))],
            Axis = [.. data.Bars.Where((_, i) => i % group == 0).Select(b => Word(b.From, data.Period.Days))],
        };
    }

    private static Chart Lines(Dashboard data, string id, string title, string caption, Func<double, string> format, double leastTop, params ChartSeries[] series)
    {
        var last = data.Lines.Count - 1;
        var words = Math.Min(4, last);
        return new Chart
        {
            Id = id,
            Title = title,
            Caption = caption,
            Kind = ChartKind.Lines,
            Format = format,
            Series = series,
            LeastTop = leastTop,
            Steps = [.. data.Lines.Select(l => Exact(l, data.Period.Days))],
            Axis = words == 0 ? [] : [.. Enumerable.Range(0, words + 1).Select(i => Word(data.Lines[i * last / words].From, data.Period.Days))],
        };
    }

    private static List<double?> Values(IReadOnlyList<ChartStep> steps, string type, Func<Retail.Core.Metrics.Rollups.RollupSum, double?> of) =>
        [.. steps.Select(s => s.Sums[type] is { Samples: > 0 } sum ? of(sum) : null)];

    private static string Word(DateTimeOffset at, int days) => at.ToString(days == 1 ? "HH:mm" : days <= 7 ? "ddd d" : "d MMM", CultureInfo.InvariantCulture);

    private static string Exact(ChartStep step, int days) => step.From.ToString(days > 40 ? "d MMM" : "d MMM HH:mm", CultureInfo.InvariantCulture);
}
