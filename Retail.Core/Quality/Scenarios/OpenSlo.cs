using System.Globalization;
using System.Text;

namespace Retail.Core.Quality.Scenarios;

/// <summary>
/// The scenarios as OpenSLO v1, as far as they map: a measure that bounds a share of cases, that is a percentile of a time or a rate in
/// percent, over a window. What must never happen at all has no error budget and is no SLO; it is listed in a comment.
/// </summary>
public static class OpenSlo
{
    private const string Head = "apiVersion: openslo/v1\nkind: ";

    /// <summary>One YAML stream: the service, and an SLI and an SLO for each measure that maps.</summary>
    public static string Export(IReadOnlyList<Scenario> scenarios, string service)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        var yaml = new StringBuilder(Head).Append(CultureInfo.InvariantCulture, $"Service\nmetadata:\n  name: {Name(service)}\n  displayName: {Quoted(service)}\nspec:\n  description: {Quoted("The promises of QS-Catalog.md")}\n");
        var others = new List<string>();
        foreach (var scenario in scenarios)
        {
            var number = 0;
            foreach (var measure in scenario.Measures)
            {
                var name = $"{Name(scenario.Id)}-{++number}";
                if (Map(measure) is { } map) Append(yaml, scenario, measure, map, name, Name(service));
                else others.Add($"#   {scenario.Id}: {measure.Text}");
            }
        }
        if (others.Count > 0) yaml.Append("# Not SLOs, because they allow no single case or have no share of cases; `retail verify` holds them:\n").AppendJoin('\n', others).Append('\n');
        return yaml.ToString();
    }

    private static (double Target, string Op, double Value, string Unit)? Map(Measure measure)
    {
        if (measure.Window is null) return null;
        double? share = measure.Source.Function switch { MetricFunction.P50 => 0.5, MetricFunction.P95 => 0.95, MetricFunction.P99 => 0.99, _ => null };
        if (measure.Source.Kind == SourceKind.Metric && share is { } target && measure.Comparison is Comparison.Below or Comparison.AtMost)
            return (target, measure.Comparison == Comparison.Below ? "lt" : "lte", measure.Limit, measure.Source.Unit);
        // A rate: that share of cases is good.
        var isRate = measure.Source.Kind == SourceKind.Query ? measure.Source.Unit == "%" : measure.Source.Function == MetricFunction.Share;
        return isRate && measure.Comparison is Comparison.AtLeast && measure.Limit < 100 ? (measure.Limit / 100, "gte", 1, "") : null;
    }

    private static void Append(StringBuilder yaml, Scenario scenario, Measure measure, (double Target, string Op, double Value, string Unit) map, string name, string service)
    {
        yaml.Append(CultureInfo.InvariantCulture, $"""
            ---
            {Head}SLI
            metadata:
              name: {name}
              displayName: {Quoted($"{scenario.Id} {scenario.Title}")}
            spec:
              description: {Quoted(measure.Words)}
              thresholdMetric:
                metricSource:
                  type: Retail
                  spec:
                    measure: {Quoted(measure.Text)}
                    unit: {Quoted(map.Unit)}
            ---
            {Head}SLO
            metadata:
              name: {name}
              displayName: {Quoted($"{scenario.Id} {scenario.Title}")}
            spec:
              description: {Quoted(scenario.ResponseMeasure)}
              service: {service}
              indicatorRef: {name}
              timeWindow:
                - duration: {Duration(measure.Window!.Value)}
                  isRolling: true
              budgetingMethod: Occurrences
              objectives:
                - displayName: {Quoted(measure.Text)}
                  op: {map.Op}
                  value: {map.Value}
                  target: {map.Target}

            """);
    }

    private static string Duration(TimeSpan window) =>
        window.TotalDays >= 1 && window.TotalDays == Math.Truncate(window.TotalDays) ? string.Create(CultureInfo.InvariantCulture, $"{window.TotalDays:0}d")
        : window.TotalHours >= 1 && window.TotalHours == Math.Truncate(window.TotalHours) ? string.Create(CultureInfo.InvariantCulture, $"{window.TotalHours:0}h")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(window.TotalMinutes):0}m");

    private static string Name(string text) => Common.Slug.Of(text);

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
