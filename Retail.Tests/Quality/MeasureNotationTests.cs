using Retail.Core.Quality.Scenarios;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>The notation of measures, which QS-Catalog.md explains to people.</summary>
public sealed class MeasureNotationTests
{
    private static readonly MeasureNames Names = MeasureNames.With(new NamedQueries().All);

    [Fact]
    public void A_measure_says_what_is_measured_demanded_and_which_evidence_counts()
    {
        var measure = Parse("p95(http_requests{route=/products/{slug}, method=GET}) < 0.5s over 24h when catalog_products >= 100000 min 100");
        Assert.Equal((SourceKind.Metric, "http_requests", MetricFunction.P95, "ms"), (measure.Source.Kind, measure.Source.Name, measure.Source.Function, measure.Source.Unit));
        Assert.Equal([("route", "/products/{slug}"), ("method", "GET")], measure.Source.Filter);
        Assert.Equal((Comparison.Below, 500, TimeSpan.FromHours(24), 100), (measure.Comparison, measure.Limit, measure.Window, measure.Minimum));
        Assert.Equal(new Condition("catalog_products", Comparison.AtLeast, 100_000), measure.When);
    }

    [Theory]
    [InlineData("payment_success_rate >= 95% over 7d min 20", SourceKind.Query, "%", 95)]
    [InlineData("last(payment_success_rate) >= 95 over 7d", SourceKind.Metric, "%", 95)]
    [InlineData("stock_conflicts = 0 over 7d", SourceKind.Metric, "", 0)]
    [InlineData("oversold_units = 0", SourceKind.Query, "", 0)]
    [InlineData("max(worker_resume_s) <= 1min over 7d", SourceKind.Metric, "s", 60)]
    [InlineData("p95(job_wait_s) <= 500 ms over 24h min 20", SourceKind.Metric, "s", 0.5)]
    [InlineData("last(feed_seconds) < 5min over 7d", SourceKind.Metric, "s", 300)]
    [InlineData("max(http_requests.queries_max{route=/products}) <= 8 over 24h", SourceKind.Metric, "", 8)]
    [InlineData("share(payment_attempt{outcome=paid}) >= 95% over 7d min 20", SourceKind.Metric, "%", 95)]
    [InlineData("last(forged_unsafe_accepted) = 0 over 7d min 20 of last(forged_unsafe_tried)", SourceKind.Metric, "", 0)]
    public void Bare_names_are_queries_first_and_limits_are_in_the_sources_unit(string text, SourceKind kind, string unit, double limit)
    {
        var measure = Parse(text);
        Assert.Equal((kind, unit, limit), (measure.Source.Kind, measure.Source.Unit, measure.Limit));
    }

    [Theory]
    [InlineData("stock_conflict = 0 over 7d", "did you mean stock_conflicts?")]
    [InlineData("stock_conflicts = 0", "a metric needs a window: expected 'over' and a time")]
    [InlineData("stock_conflicts == 0 over 7d", "expected a number")]
    [InlineData("stock_conflicts 0 over 7d", "expected =, !=, <, <=, > or >=")]
    [InlineData("p95(payment_fast_fail_ms) < 100parsec over 7d", "there is no unit 'parsec': expected ms, s, min, h, d, % or MB")]
    [InlineData("p95(payment_fast_fail_ms) < 5% over 7d", "measured in ms, and not in %")]
    [InlineData("p90(payment_fast_fail_ms) < 5 over 7d", "there is no function 'p90': expected one of sum, count")]
    [InlineData("last(oversold_units_) = 0 over 7d", "did you mean oversold_units?")]
    [InlineData("last(orphan_rows) = 0 over 7d", "'orphan_rows' is a query and takes no function")]
    [InlineData("stock_conflicts = 0 over 7d over 8d", "expected 'over' once")]
    [InlineData("stock_conflicts = 0 over a week", "expected a number")]
    [InlineData("stock_conflicts = 0 over 7 weeks", "expected a time such as 10min, 24h or 7d")]
    [InlineData("stock_conflicts = 0 over 7d min 0", "expected a whole number from 1 after 'min'")]
    [InlineData("stock_conflicts = 0 within 7d", "expected 'over', 'when' or 'min' instead of 'within'")]
    [InlineData("max(http_requests{route}) <= 8 over 24h", "expected key=value in the filter")]
    [InlineData("share(payment_attempt) > 5% over 7d", "share needs a filter")]
    [InlineData("oversold_units = 0 when catalog_products > 5", "'when' goes with a metric")]
    [InlineData("= 0", "expected a metric or a query")]
    public void A_mistake_says_what_was_expected(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Parse(text)).Message, StringComparison.Ordinal);

    private static Measure Parse(string text) => MeasureParser.Parse(text, Names);
}
