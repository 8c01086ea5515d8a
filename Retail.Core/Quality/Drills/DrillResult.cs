using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Retail.Core.Quality.Drills;

/// <summary>What a drill found.</summary>
/// <param name="Figures">In the order in which they were found.</param>
/// <param name="Problem">Why it could not be brought to its end; null when it was.</param>
public sealed record DrillResult(IReadOnlyList<DrillFigure> Figures, string? Problem)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Something was found, all of it is as it must be, and nothing broke.</summary>
    [JsonIgnore] public bool Passed => Problem is null && Figures.Any(f => f.Holds is true) && Figures.All(f => f.Holds is not false);

    /// <summary>As it is kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>As it was kept.</summary>
    public static DrillResult? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<DrillResult>(json, Json);
}

/// <summary>One thing that a drill found.</summary>
/// <param name="Type">The metric row's type.</param>
/// <param name="Value">How much.</param>
/// <param name="Words">What it is, for people.</param>
/// <param name="Wanted">How it must be; null when it only tells.</param>
/// <param name="Holds">It is so; null when it only tells.</param>
/// <param name="Detail">What to look at, such as the first offenders; null when there is nothing.</param>
public sealed record DrillFigure(string Type, double Value, string Words, string? Wanted, bool? Holds, string? Detail)
{
    /// <summary>The value as people write it.</summary>
    [JsonIgnore]
    public string Text => Value.ToString(Math.Abs(Value) >= 1000 || Value == Math.Truncate(Value) ? "#,0" : "#,0.##", CultureInfo.InvariantCulture);
}

/// <summary>How a figure must be.</summary>
/// <param name="Words">For people.</param>
/// <param name="Holds">Tells.</param>
public sealed record Wanted(string Words, Func<double, bool> Holds)
{
    /// <summary>None of it.</summary>
    public static readonly Wanted Zero = Exactly(0);

    /// <summary>This number.</summary>
    public static Wanted Exactly(double number) => new($"= {Text(number)}", value => value == number);

    /// <summary>No more than this.</summary>
    public static Wanted AtMost(double number) => new($"≤ {Text(number)}", value => value <= number);

    /// <summary>Less than this.</summary>
    public static Wanted Below(double number) => new($"< {Text(number)}", value => value < number);

    /// <summary>No less than this.</summary>
    public static Wanted AtLeast(double number) => new($"≥ {Text(number)}", value => value >= number);

    private static string Text(double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);
}
