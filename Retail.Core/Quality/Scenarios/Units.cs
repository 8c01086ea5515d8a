using System.Globalization;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Units of measured values: which a name has, how one turns into another, and how people read them.</summary>
public static class Units
{
    private static readonly Dictionary<string, double> Milliseconds = new()
    {
        ["ms"] = 1,
        ["s"] = 1_000,
        ["min"] = 60_000,
        ["h"] = 3_600_000,
        ["d"] = 86_400_000,
    };

    /// <summary>The unit that a metric's or a field's name ends in; empty for a count.</summary>
    public static string OfName(string name) =>
        name.EndsWith("_ms", StringComparison.Ordinal) ? "ms"
        : name.EndsWith("_s", StringComparison.Ordinal) || name.EndsWith("seconds", StringComparison.Ordinal) ? "s"
        : name.EndsWith("_mb", StringComparison.Ordinal) ? "MB"
        : name.EndsWith("_percent", StringComparison.Ordinal) || name.EndsWith("_rate", StringComparison.Ordinal) ? "%"
        : name == Metrics.MetricTypes.AvgResponseTime ? "ms"
        : "";

    /// <summary>A number in another unit of the same kind; null when there is no way from one to the other.</summary>
    public static double? Convert(double value, string from, string to) =>
        from == to ? value
        : Milliseconds.TryGetValue(from, out var many) && Milliseconds.TryGetValue(to, out var few) ? value * many / few
        : null;

    /// <summary>A time such as 7d; null when it is none.</summary>
    public static TimeSpan? Span(double value, string unit) =>
        value > 0 && value < 1e6 && Milliseconds.TryGetValue(unit, out var factor) ? TimeSpan.FromMilliseconds(value * factor) : null;

    /// <summary>A value for people: at most three digits after the point, none where they say nothing.</summary>
    public static string Say(double value, string unit)
    {
        if (double.IsInfinity(value)) return "longer than can be measured";
        var digits = Math.Abs(value) >= 100 || value == Math.Truncate(value) ? 0 : Math.Abs(value) >= 10 ? 1 : Math.Abs(value) >= 1 ? 2 : 3;
        // A rate is never rounded up to what was demanded.
        var number = unit == "%" ? Math.Floor(value * 100) / 100 : Math.Round(value, digits);
        var text = number.ToString(unit == "%" ? "0.##" : "#,0.###", CultureInfo.InvariantCulture);
        return unit.Length == 0 ? text : $"{text} {unit}";
    }

    /// <summary>A time for people: "7 days".</summary>
    public static string Say(TimeSpan span) =>
        Whole(span.TotalDays) is { } days ? Plural(days, "day") : Whole(span.TotalHours) is { } hours ? Plural(hours, "hour")
        : Whole(span.TotalMinutes) is { } minutes ? Plural(minutes, "minute") : Plural((long)span.TotalSeconds, "second");

    private static long? Whole(double number) => number >= 1 && number == Math.Truncate(number) ? (long)number : null;

    private static string Plural(long number, string word) => $"{number.ToString("N0", CultureInfo.InvariantCulture)} {word}{(number == 1 ? "" : "s")}";
}
