namespace Retail.Core.Quality.Alerts;

/// <summary>Where a rule stands.</summary>
public enum AlertState
{
    /// <summary>All is well, or there is nothing to say.</summary>
    Quiet,

    /// <summary>Wrong, but not for long enough yet.</summary>
    Pending,

    /// <summary>Wrong.</summary>
    Firing,
}

/// <summary>Where a rule stands, and what an admin has said about it: one row a rule.</summary>
public sealed class Alert
{
    /// <summary>The rule's name.</summary>
    public required string Rule { get; init; }

    /// <summary>Where it stands.</summary>
    public AlertState State { get; set; }

    /// <summary>Since when it stands there, UTC.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>While firing: since when the value has been right again; null while it is wrong.</summary>
    public DateTimeOffset? ClearSince { get; set; }

    /// <summary>The last value; null when there was nothing to say.</summary>
    public double? Value { get; set; }

    /// <summary>What the value is made of.</summary>
    public long Sample { get; set; }

    /// <summary>What is behind the value, in words.</summary>
    public string? Detail { get; set; }

    /// <summary>When it was last looked at, UTC.</summary>
    public DateTimeOffset EvaluatedAt { get; set; }

    /// <summary>An admin's own threshold; null for the rule's.</summary>
    public double? Threshold { get; set; }

    /// <summary>Who has taken it up; null when nobody has.</summary>
    public string? AcknowledgedBy { get; set; }

    /// <summary>When it was taken up, UTC.</summary>
    public DateTimeOffset? AcknowledgedAt { get; set; }

    /// <summary>Until then nobody is told, UTC.</summary>
    public DateTimeOffset? SilencedUntil { get; set; }

    /// <summary>Nobody is told at this moment.</summary>
    public bool IsSilent(DateTimeOffset now) => SilencedUntil > now;

    /// <summary>Takes a new value in; answers what there is to tell, if anything.</summary>
    public AlertEventKind? Take(AlertRule rule, double? value, long sample, string? detail, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (sample < rule.MinSample) value = null;
        (Value, Sample, Detail, EvaluatedAt) = (value, sample, detail, now);
        var threshold = Threshold ?? rule.Threshold;
        var isWrong = value is { } measured && rule.IsWrong(measured, threshold);
        if (State == AlertState.Firing)
        {
            // What nobody measures any more is not known to be wrong: it clears like what is right.
            if (value is { } still && !rule.IsClear(still, threshold)) ClearSince = null;
            else ClearSince ??= now;
            if (ClearSince is not { } since || now - since < rule.ClearAfter) return null;
            Enter(AlertState.Quiet, now);
            return AlertEventKind.Resolved;
        }
        if (!isWrong) Enter(AlertState.Quiet, now);
        else if (State == AlertState.Quiet) Enter(AlertState.Pending, now);
        if (State != AlertState.Pending || now - Since < rule.For) return null;
        Enter(AlertState.Firing, now);
        return AlertEventKind.Fired;
    }

    private void Enter(AlertState state, DateTimeOffset now)
    {
        if (State == state) return;
        (State, Since, ClearSince) = (state, now, null);
        if (state != AlertState.Firing) (AcknowledgedBy, AcknowledgedAt) = (null, null);
    }
}
