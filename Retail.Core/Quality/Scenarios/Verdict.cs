using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Whether a promise holds.</summary>
public enum VerdictStatus
{
    /// <summary>Every measure holds, on evidence that is recent and large enough.</summary>
    Pass,

    /// <summary>At least one measure is broken.</summary>
    Fail,

    /// <summary>Nothing is broken, but there is no evidence in the window, or too little. Never a pass.</summary>
    NotExercised,

    /// <summary>Nothing is broken, but the newest evidence is too old.</summary>
    Stale,
}

/// <summary>A measure as it was found.</summary>
public sealed record MeasureOutcome
{
    /// <summary>The measure as it stands in the catalogue.</summary>
    public required string Measure { get; init; }

    /// <summary>What it means, in words.</summary>
    public string Words { get; init; } = "";

    /// <summary>What it says by itself.</summary>
    public required VerdictStatus Status { get; init; }

    /// <summary>What was measured; null when there was nothing to measure.</summary>
    public double? Value { get; init; }

    /// <summary>What is demanded: "&lt; 100 ms".</summary>
    public required string Demand { get; init; }

    /// <summary>Of value and limit.</summary>
    public string Unit { get; init; } = "";

    /// <summary>How many were looked at.</summary>
    public long Sample { get; init; }

    /// <summary>How many it takes.</summary>
    public long Minimum { get; init; }

    /// <summary>What the sample counts.</summary>
    public string SampleOf { get; init; } = "";

    /// <summary>Begin of the window; null when all that the store has was looked at.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End of the window.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>When the newest evidence came to be; null when there is none.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>The rows of evidence, or some of them: ids and values, or what a query found.</summary>
    public IReadOnlyList<JsonObject> Rows { get; init; } = [];

    /// <summary>In one sentence: what was found and what it means.</summary>
    public required string Says { get; init; }

    /// <summary>The value for people.</summary>
    [JsonIgnore] public string Measured => Value is { } value ? Units.Say(value, Unit) : "nothing";
}

/// <summary>What was found about one scenario at one moment.</summary>
public sealed record ScenarioVerdict(string Scenario, string Title, VerdictStatus Status, IReadOnlyList<MeasureOutcome> Measures, string Catalogue, DateTimeOffset EvaluatedAt)
{
    /// <summary>The measure that decided, or the first when all hold.</summary>
    public MeasureOutcome Decisive => Measures.FirstOrDefault(m => m.Status == Status) ?? Measures[0];
}

/// <summary>How verdicts are written and read.</summary>
public static class Verdicts
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter<VerdictStatus>(JsonNamingPolicy.SnakeCaseUpper) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>In the words of the catalogue: NOT EXERCISED.</summary>
    public static string Word(this VerdictStatus status) => status.Code().Replace('_', ' ');

    /// <summary>As it stands in the database: NOT_EXERCISED.</summary>
    public static string Code(this VerdictStatus status) => status switch
    {
        VerdictStatus.Pass => "PASS",
        VerdictStatus.Fail => "FAIL",
        VerdictStatus.NotExercised => "NOT_EXERCISED",
        VerdictStatus.Stale => "STALE",
        _ => throw new InvalidOperationException($"{status} is no verdict."),
    };

    /// <summary>The status that a word in the database is.</summary>
    public static VerdictStatus Of(string code) => Enum.GetValues<VerdictStatus>().First(s => s.Code() == code);
}
