namespace Retail.Core.Quality.Scenarios;

/// <summary>One condition of a scenario: what is measured, what is demanded, and which evidence counts.</summary>
public sealed record Measure
{
    /// <summary>As it stands in the catalogue.</summary>
    public required string Text { get; init; }

    /// <summary>What it means, in words; may be empty.</summary>
    public string Words { get; init; } = "";

    /// <summary>What is measured.</summary>
    public required Source Source { get; init; }

    /// <summary>How it is compared.</summary>
    public required Comparison Comparison { get; init; }

    /// <summary>What it is compared with, in the unit of the source.</summary>
    public required double Limit { get; init; }

    /// <summary>How far back evidence counts; null when all that the store has counts.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Takes only the rows of times in which another metric stood so.</summary>
    public Condition? When { get; init; }

    /// <summary>The smallest sample.</summary>
    public long Minimum { get; init; } = 1;

    /// <summary>Where the sample's size is read; null for the source itself.</summary>
    public Source? SampleOf { get; init; }

    /// <summary>Where it stands in the file.</summary>
    public int Line { get; init; }

    /// <summary>Whether a value meets the demand.</summary>
    public bool Holds(double value) => Comparison switch
    {
        Comparison.Equal => Near(value, Limit),
        Comparison.NotEqual => !Near(value, Limit),
        Comparison.Below => value < Limit,
        Comparison.AtMost => value <= Limit || Near(value, Limit),
        Comparison.Above => value > Limit,
        Comparison.AtLeast => value >= Limit || Near(value, Limit),
        _ => throw new InvalidOperationException($"{Comparison} is no comparison."),
    };

    /// <summary>One case is enough to break it, however small the sample: what counts or bounds single cases. A rate or a percentile needs its sample.</summary>
    public bool BreaksAtOnce => Source.Kind switch
    {
        SourceKind.Query => Source.Unit != "%",
        _ => Comparison is Comparison.Above or Comparison.AtLeast
            ? Source.Function is MetricFunction.Min or MetricFunction.Last
            : Source.Function is MetricFunction.Sum or MetricFunction.Count or MetricFunction.Max or MetricFunction.Last,
    };

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;
}

/// <summary>What is measured: a metric through a function, or a named query.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Name">Of the metric or the query.</param>
/// <param name="Unit">Of the value: ms, s, %, MB, or empty for a count.</param>
public sealed record Source(SourceKind Kind, string Name, string Unit)
{
    /// <summary>What is done with a metric's rows.</summary>
    public MetricFunction Function { get; init; } = MetricFunction.Sum;

    /// <summary>A number in the metadata that is read instead of the value.</summary>
    public string? Field { get; init; }

    /// <summary>Only rows whose metadata say so.</summary>
    public IReadOnlyList<(string Key, string Value)> Filter { get; init; } = [];
}

/// <summary>A metric that must have stood so at the time of a row.</summary>
public sealed record Condition(string Metric, Comparison Comparison, double Limit);

/// <summary>Where a value comes from.</summary>
public enum SourceKind
{
    /// <summary>Rows of the metric table.</summary>
    Metric,

    /// <summary>One of <see cref="NamedQueries"/>.</summary>
    Query,
}

/// <summary>What is made of a metric's rows.</summary>
public enum MetricFunction
{
    /// <summary>The sum of the values.</summary>
    Sum,

    /// <summary>How many were counted.</summary>
    Count,

    /// <summary>The smallest value.</summary>
    Min,

    /// <summary>The largest value.</summary>
    Max,

    /// <summary>The mean, each row weighing as much as it counts.</summary>
    Avg,

    /// <summary>The newest value.</summary>
    Last,

    /// <summary>The median.</summary>
    P50,

    /// <summary>What 95 % stayed below.</summary>
    P95,

    /// <summary>What 99 % stayed below.</summary>
    P99,

    /// <summary>What the filter takes, in percent of all.</summary>
    Share,

    /// <summary>The sum for each second of the window.</summary>
    Rate,
}

/// <summary>How a value is compared with its limit.</summary>
public enum Comparison
{
    /// <summary>=</summary>
    Equal,

    /// <summary>!=</summary>
    NotEqual,

    /// <summary>&lt;</summary>
    Below,

    /// <summary>&lt;=</summary>
    AtMost,

    /// <summary>&gt;</summary>
    Above,

    /// <summary>&gt;=</summary>
    AtLeast,
}
