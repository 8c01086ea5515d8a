namespace Retail.Core.Quality.Alerts;

/// <summary>How bad it is.</summary>
public enum AlertSeverity
{
    /// <summary>Worth a look in working hours.</summary>
    Warning,

    /// <summary>Somebody gets up.</summary>
    Critical,
}

/// <summary>A promise that is watched: what is measured, and from where on it is an alert.</summary>
/// <param name="Name">Stable, in kebab-case.</param>
/// <param name="Title">What is wrong when it fires.</param>
/// <param name="Severity">How bad that is.</param>
/// <param name="Unit">Of the value: %, ms, s, /s, or a thing that is counted.</param>
/// <param name="Threshold">Where it begins, unless an admin has set another one.</param>
public sealed record AlertRule(string Name, string Title, AlertSeverity Severity, string Unit, double Threshold)
{
    /// <summary>Which item of the source documents asks for it.</summary>
    public required string Source { get; init; }

    /// <summary>What to do first: one or two sentences.</summary>
    public required string Advice { get; init; }

    /// <summary>It is wrong below the threshold, not above.</summary>
    public bool FiresBelow { get; init; }

    /// <summary>How long it must stay wrong before it fires: nobody gets up for a blip.</summary>
    public TimeSpan For { get; init; } = TimeSpan.Zero;

    /// <summary>How long it must stay right before it counts as resolved.</summary>
    public TimeSpan ClearAfter { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Less evidence than this says nothing.</summary>
    public int MinSample { get; init; } = 1;

    /// <summary>One row: value (null when there is nothing to say), sample, and in words what is behind it (may be null). $1 is now.</summary>
    public required string Sql { get; init; }

    /// <summary>Whether a value is wrong.</summary>
    public bool IsWrong(double value, double threshold) => FiresBelow ? value < threshold : value > threshold;

    /// <summary>Whether a value is right again: a tenth better than the threshold, so that what wavers about it does not come and go.</summary>
    public bool IsClear(double value, double threshold) => FiresBelow ? value >= threshold + Margin(threshold) : value <= threshold - Margin(threshold);

    // A share can't be a tenth better than 95 %: half of the room that is left.
    private double Margin(double threshold) => Unit == "%" && FiresBelow ? (100 - threshold) / 2 : threshold / 10;
}
