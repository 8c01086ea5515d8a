using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Retail.Core.Accounts;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Notifications;
using Retail.Core.Notifications.Templates;

namespace Retail.Core.Quality.Alerts;

/// <summary>Promises to tell people that an alert fires or is resolved: mails, and an outbox row for each webhook.</summary>
public sealed class AlertMessages(RetailDbContext db, MailRenderer renderer, IOptions<AlertsOptions> options)
{
    /// <summary>What an event says, in one line.</summary>
    public static string Headline(AlertRule rule, AlertEvent happened) => happened.Kind == AlertEventKind.Resolved
        ? $"Resolved: {rule.Title}" : $"{rule.Severity}: {rule.Title}";

    /// <summary>The value against its threshold, in words.</summary>
    public static string Measured(AlertRule rule, AlertEvent happened) => happened.Value is { } value
        ? $"{Number(value, rule.Unit)}, threshold {Number(happened.Threshold, rule.Unit)}" : $"nothing is measured any more, threshold {Number(happened.Threshold, rule.Unit)}";

    /// <summary>A value with its unit.</summary>
    public static string Number(double value, string unit) => value.ToString(Math.Abs(value) < 100 ? "0.##" : "#,0", CultureInfo.InvariantCulture) + (unit is "%" or "/s" ? unit : " " + unit);

    /// <summary>Adds the promises to the unit of work that the event is saved with.</summary>
    public async Task PromiseAsync(AlertRule rule, AlertEvent happened, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(happened);
        if (options.Value.SlackUrl.Length > 0) db.Outbox.Add(Row(AlertWebhooks.KindOfRow, $"{AlertWebhooks.Slack}:{happened.Id}", happened.At));
        if (options.Value.PagerDutyKey.Length > 0 && rule.Severity == AlertSeverity.Critical) db.Outbox.Add(Row(AlertWebhooks.KindOfRow, $"{AlertWebhooks.PagerDuty}:{happened.Id}", happened.At));

        var recipients = options.Value.Recipients is { Count: > 0 } named ? named : await AdminsAsync(ct);
        if (recipients.Count == 0) return;
        var subject = Headline(rule, happened);
        var (html, text) = await renderer.RenderAsync<AlertMail>(subject, new()
        {
            [nameof(AlertMail.Title)] = rule.Title,
            [nameof(AlertMail.State)] = happened.Kind == AlertEventKind.Resolved ? "All is well again" : $"{rule.Severity}, since {happened.At.ToUniversalTime().ToString("HH:mm", CultureInfo.InvariantCulture)} UTC",
            [nameof(AlertMail.Measured)] = Measured(rule, happened) + (happened.Note is { } note ? $" ({note})" : ""),
            [nameof(AlertMail.Advice)] = happened.Kind == AlertEventKind.Resolved ? "" : rule.Advice,
            [nameof(AlertMail.Path)] = $"/admin/alerts/{rule.Name}",
        });
        // The message is composed here, where the rule is known; the key finds it.
        var key = $"alert:{happened.Id}";
        foreach (var recipient in recipients.Distinct(StringComparer.OrdinalIgnoreCase))
            db.Notifications.Add(new Notification { Id = Guid.CreateVersion7(happened.At), Key = key, Template = "alert", Recipient = recipient, Subject = subject, Text = text, Html = html, CreatedAt = happened.At });
        db.Outbox.Add(Row(Notify.Kind, key, happened.At));
    }

    private static OutboxMessage Row(string kind, string key, DateTimeOffset now) => new() { Kind = kind, Key = key, CreatedAt = now, DueAt = now };

    private async Task<IReadOnlyList<string>> AdminsAsync(CancellationToken ct) =>
        await db.Users.Where(u => u.Email != null && db.UserRoles.Any(r => r.UserId == u.Id && db.Roles.Any(x => x.Id == r.RoleId && x.Name == Roles.Admin)))
            .OrderBy(u => u.Id).Select(u => u.Email!).Take(50).ToListAsync(ct);
}
