using Retail.Core.Common;

namespace Retail.Core.Quality.Alerts;

/// <summary>Why something can't be done to an alert.</summary>
public static class AlertErrors
{
    /// <summary>No such rule.</summary>
    public static readonly ServiceError Unknown = new(Refusal.NotFound, "unknown_alert", "There is no such alert. Go back to the list and choose one.");

    /// <summary>Nothing to take up.</summary>
    public static readonly ServiceError NotFiring = new(Refusal.Conflict, "not_firing", "This alert is not firing any more, so there is nothing to acknowledge. Look at its history.");

    /// <summary>Not a span that is offered.</summary>
    public static readonly ServiceError BadSilence = new(Refusal.Invalid, "bad_silence", "Choose for how long nobody is told: from 15 minutes to 7 days.", "Minutes");

    /// <summary>Not a threshold.</summary>
    public static readonly ServiceError BadThreshold = new(Refusal.Invalid, "bad_threshold", "Write the threshold as a number from 0 to 1,000,000, or nothing for the rule\u2019s own.", "Threshold");
}
