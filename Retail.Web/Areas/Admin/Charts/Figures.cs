using System.Globalization;

namespace Retail.Web.Areas.Admin.Charts;

/// <summary>How measured numbers are written: as short as a glance wants them.</summary>
public static class Figures
{
    public const string None = "\u2013";

    public static string Count(double value) => value.ToString(Math.Abs(value) < 10 && value % 1 != 0 ? "0.#" : "N0", CultureInfo.InvariantCulture);

    public static string Percent(double? value) => value is not { } percent ? None
        : percent.ToString(percent is > 0 and < 1 ? "0.00" : percent is < 10 or > 90 and < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) + "\u202f%";

    public static string Ms(double? value) => value switch
    {
        null => None,
        0 => "0",
        double.PositiveInfinity => "over a minute",
        < 10 and { } ms => ms.ToString("0.#", CultureInfo.InvariantCulture) + "\u202fms",
        < 1000 and { } ms => ms.ToString("0", CultureInfo.InvariantCulture) + "\u202fms",
        { } ms => (ms / 1000).ToString("0.##", CultureInfo.InvariantCulture) + "\u202fs",
    };

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => Ms(span.TotalMilliseconds),
        { TotalMinutes: < 2 } => $"{span.TotalSeconds:0}\u202fs",
        { TotalHours: < 2 } => $"{span.TotalMinutes:0}\u202fmin",
        { TotalDays: < 2 } => $"{span.TotalHours:0}\u202fh",
        _ => $"{span.TotalDays:0} days",
    };

    /// <summary>A release with as much of its commit as a person compares.</summary>
    public static string Release(string release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return release.IndexOf('+', StringComparison.Ordinal) is > 0 and var at && release.Length > at + 8 ? release[..(at + 8)] : release;
    }

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e6 => $"{bytes / 1e3:0} kB",
        < 1e9 => $"{bytes / 1e6:0} MB",
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };
}

/// <summary>A large number on a card, and how it differs from what it is compared with.</summary>
public sealed record FigureCard(string Label, string Value, string Beside, Change Change);

/// <summary>A difference in words. Its class good or bad says whether it is welcome; the words say it too.</summary>
public sealed record Change(string Css, string Arrow, string Text)
{
    /// <param name="now">The number.</param>
    /// <param name="before">What it is compared with; null or 0 when there was nothing.</param>
    /// <param name="against">Such as "the week before".</param>
    /// <param name="moreIsGood">Which direction is welcome.</param>
    /// <param name="inPoints">The numbers are percent: their difference is told in points, not in percent of each other.</param>
    public static Change Of(double? now, double? before, string against, bool moreIsGood, bool inPoints = false)
    {
        if (now is not { } value) return new("", "", "nothing yet");
        if (before is not { } old || (!inPoints && old == 0)) return new("", "", $"nothing to compare {against}");
        var difference = inPoints ? value - old : 100 * (value - old) / old;
        if (Math.Abs(difference) < (inPoints ? 0.005 : 0.5)) return new("", "=", $"as {against}");
        var isMore = difference > 0;
        var size = Math.Abs(difference);
        var number = size.ToString(size < 1 ? "0.00" : size < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);
        // What comes and goes by itself is told, and not coloured.
        var isNotable = size >= (inPoints ? 0.5 : 5);
        return new(!isNotable ? "" : isMore == moreIsGood ? "good" : "bad", isMore ? "\u2191" : "\u2193", $"{number}{(inPoints ? " points" : "\u202f%")} {(isMore ? "more" : "less")} than {against}");
    }
}
