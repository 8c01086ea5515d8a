using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Quality.Alerts;

/// <summary>Settings "Alerts": who is told. Mail goes to these addresses, or to all admins when there are none.</summary>
public sealed class AlertsOptions : IValidatableObject
{
    /// <summary>Addresses, separated by commas; empty for all admins.</summary>
    [MaxLength(1000)] public string MailTo { get; init; } = "";

    /// <summary>An incoming webhook in Slack's shape; empty for none.</summary>
    [MaxLength(500)] public string SlackUrl { get; init; } = "";

    /// <summary>Where PagerDuty takes events (Events API v2).</summary>
    [Required, MaxLength(500)] public string PagerDutyUrl { get; init; } = "https://events.pagerduty.com/v2/enqueue";

    /// <summary>The key of the service at PagerDuty; empty for none. Only critical alerts go there.</summary>
    [MaxLength(200)] public string PagerDutyKey { get; init; } = "";

    /// <summary>The longest that one try may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    internal IReadOnlyList<string> Recipients => MailTo.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var address in Recipients)
            if (!System.Net.Mail.MailAddress.TryCreate(address, out _)) yield return new($"Alerts:MailTo holds \u201c{address}\u201d, which is no mail address.");
        foreach (var (name, url) in new[] { ("SlackUrl", SlackUrl), ("PagerDutyUrl", PagerDutyUrl) })
            if (url.Length > 0 && (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https")))
                yield return new($"Alerts:{name} must be an http or https address.");
    }
}
