namespace Retail.Core.Quality.Alerts;

/// <summary>What happened to an alert.</summary>
public enum AlertEventKind
{
    /// <summary>It began to fire.</summary>
    Fired,

    /// <summary>All is well again.</summary>
    Resolved,

    /// <summary>An admin has taken it up.</summary>
    Acknowledged,

    /// <summary>An admin wants nobody told for a while.</summary>
    Silenced,

    /// <summary>An admin wants people told again.</summary>
    Unsilenced,

    /// <summary>An admin has set another threshold.</summary>
    ThresholdSet,
}

/// <summary>The history of alerts, and the record of who changed what. Rows are only ever added.</summary>
public sealed class AlertEvent
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>The rule's name.</summary>
    public required string Rule { get; init; }

    /// <summary>What happened.</summary>
    public AlertEventKind Kind { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The admin who did it; worker when nobody did.</summary>
    public required string By { get; init; }

    /// <summary>The value at that moment.</summary>
    public double? Value { get; init; }

    /// <summary>The threshold that counted.</summary>
    public double Threshold { get; init; }

    /// <summary>What is behind it, in words: the rule's detail, or the threshold before.</summary>
    public string? Note { get; init; }
}
