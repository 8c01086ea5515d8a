using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Notifications;

namespace Retail.Core.Quality.Alerts;

/// <summary>Posts alerts to Slack (incoming webhook) and PagerDuty (Events API v2). The event's id travels as idempotency key, and PagerDuty joins what has one dedup_key.</summary>
public sealed class AlertWebhooks(RetailDbContext db, AlertChannels channels, IOptions<AlertsOptions> options, IOptions<StoreOptions> store) : IOutboxHandler
{
    internal const string KindOfRow = "alert-webhook", Slack = "slack", PagerDuty = "pagerduty";

    /// <inheritdoc/>
    public string Kind => KindOfRow;

    /// <inheritdoc/>
    public async Task HandleAsync(string key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Split(':') is not [var channel, var text] || !Guid.TryParse(text, out var id)) throw new FormatException($"\u201c{key}\u201d is not channel:id.");
        // A rule that a later release dropped has nothing to say.
        if (await db.AlertEvents.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, ct) is not { } happened || AlertRules.Find(happened.Rule) is not { } rule) return;
        var settings = options.Value;
        if (channel == Slack && settings.SlackUrl.Length > 0) await channels.PostAsync(settings.SlackUrl, ForSlack(rule, happened), key, ct);
        if (channel == PagerDuty && settings.PagerDutyKey.Length > 0) await channels.PostAsync(settings.PagerDutyUrl, ForPagerDuty(rule, happened), key, ct);
    }

    private string Link(AlertRule rule) => $"{store.Value.PublicUrl.TrimEnd('/')}/admin/alerts/{rule.Name}";

    private object ForSlack(AlertRule rule, AlertEvent happened)
    {
        var (headline, measured) = (AlertMessages.Headline(rule, happened), AlertMessages.Measured(rule, happened));
        var color = happened.Kind == AlertEventKind.Resolved ? "good" : rule.Severity == AlertSeverity.Critical ? "danger" : "warning";
        return new { text = $"{store.Value.Name}: {headline}", attachments = new[] { new { color, title = rule.Title, title_link = Link(rule), text = $"{measured}. {rule.Advice}", ts = happened.At.ToUnixTimeSeconds() } } };
    }

    private Event ForPagerDuty(AlertRule rule, AlertEvent happened) => new()
    {
        RoutingKey = options.Value.PagerDutyKey,
        Action = happened.Kind == AlertEventKind.Resolved ? "resolve" : "trigger",
        DedupKey = $"retail-{rule.Name}",
        Payload = new()
        {
            Summary = $"{AlertMessages.Headline(rule, happened)}: {AlertMessages.Measured(rule, happened)}",
            Source = store.Value.PublicUrl,
            Severity = rule.Severity == AlertSeverity.Critical ? "critical" : "warning",
            Timestamp = happened.At,
            CustomDetails = new { rule = rule.Name, value = happened.Value, threshold = happened.Threshold, advice = rule.Advice, note = happened.Note },
        },
        Links = [new { href = Link(rule), text = "Open the alert" }],
    };

    private sealed record Event
    {
        [JsonPropertyName("routing_key")] public required string RoutingKey { get; init; }
        [JsonPropertyName("event_action")] public required string Action { get; init; }
        [JsonPropertyName("dedup_key")] public required string DedupKey { get; init; }
        [JsonPropertyName("payload")] public required EventPayload Payload { get; init; }
        [JsonPropertyName("links")] public required IReadOnlyList<object> Links { get; init; }
    }

    private sealed record EventPayload
    {
        [JsonPropertyName("summary")] public required string Summary { get; init; }
        [JsonPropertyName("source")] public required string Source { get; init; }
        [JsonPropertyName("severity")] public required string Severity { get; init; }
        [JsonPropertyName("timestamp")] public required DateTimeOffset Timestamp { get; init; }
        [JsonPropertyName("custom_details")] public required object CustomDetails { get; init; }
    }
}

/// <summary>The connections that alerts are posted over: one pool for the process.</summary>
public sealed class AlertChannels(IOptions<AlertsOptions> options) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    /// <summary>Posts as JSON; throws when it was not taken.</summary>
    public Task PostAsync(string url, object body, string idempotencyKey, CancellationToken ct) =>
        new HttpPost(_http, url, "", options.Value.Timeout).SendAsync(body, idempotencyKey, ct);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
