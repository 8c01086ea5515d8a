using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Notifications;

/// <summary>Takes a message to the providers, one after the other, and writes down each try.</summary>
public sealed class NotificationSender(
    RetailDbContext db, MailProviders providers, IOptions<MailOptions> mail, IOptions<StoreOptions> store, TimeProvider clock, ILogger<NotificationSender> logger)
{
    internal const int LongestError = 500;

    /// <summary>Takes the message for this worker, for as long as sending may last; false when it is sent already or another worker has it.</summary>
    public async Task<bool> ClaimAsync(Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Notifications.Where(n => n.Id == id && n.Status == NotificationStatus.Waiting && (n.LeasedUntil == null || n.LeasedUntil <= now))
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.LeasedUntil, now + providers.Lease), ct) == 1;
    }

    /// <summary>Sends a claimed message; answers whether it is done with. False: no provider took it, and it should be tried again.</summary>
    /// <param name="notification">The message.</param>
    /// <param name="text">What it says.</param>
    /// <param name="html">What it says as HTML; empty for a text message.</param>
    /// <param name="ct">Stops the work; what a provider has taken is written down all the same.</param>
    public async Task<bool> SendAsync(Notification notification, string text, string html, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(notification);
        var outcome = TryOutcome.Failed;
        var refusals = 0;
        var routes = Routes(notification, text, html);
        foreach (var (provider, send) in routes)
        {
            outcome = await TryAsync(notification, provider, send, ct);
            if (outcome is TryOutcome.Sent) break;
            if (outcome is TryOutcome.Refused) refusals++;
        }
        var now = clock.GetUtcNow();
        // Refused for good only when all say so: one provider's policy is not the recipient's.
        var status = outcome is TryOutcome.Sent ? NotificationStatus.Sent : refusals == routes.Count ? NotificationStatus.Refused : NotificationStatus.Waiting;
        await db.Notifications.Where(n => n.Id == notification.Id).ExecuteUpdateAsync(set => set
            .SetProperty(n => n.Status, status).SetProperty(n => n.LeasedUntil, (DateTimeOffset?)null)
            .SetProperty(n => n.SentAt, status == NotificationStatus.Sent ? now : null), CancellationToken.None);
        return status is not NotificationStatus.Waiting;
    }

    private List<(string Provider, Func<CancellationToken, Task> Send)> Routes(Notification notification, string text, string html)
    {
        var fingerprint = Fingerprint(notification);
        if (notification.Channel is NotificationChannel.Sms)
            return providers.Sms is { } sms ? [("sms", ct => sms.SendAsync(notification.Recipient, text, fingerprint, ct))] : [];
        var message = new Mail
        {
            From = mail.Value.From,
            FromName = store.Value.Name,
            To = notification.Recipient,
            Subject = notification.Subject,
            Text = text,
            Html = html,
            WrittenAt = notification.CreatedAt,
            Fingerprint = fingerprint,
        };
        return [.. providers.Mail.Select(provider => (provider.Name, (Func<CancellationToken, Task>)(ct => provider.SendAsync(message, ct))))];
    }

    private async Task<TryOutcome> TryAsync(Notification notification, string provider, Func<CancellationToken, Task> send, CancellationToken ct)
    {
        // Written before the provider is called: after a crash the row without an end says that nobody knows.
        var attempt = new NotificationTry { NotificationId = notification.Id, Provider = provider, At = clock.GetUtcNow() };
        db.NotificationTries.Add(attempt);
        await db.SaveChangesAsync(ct);
        try
        {
            await send(ct);
            attempt.Outcome = TryOutcome.Sent;
        }
        catch (Exception e) when (e is RefusedForGoodException or ProviderAwayException)
        {
            attempt.Outcome = e is RefusedForGoodException ? TryOutcome.Refused : TryOutcome.Failed;
            attempt.Error = e.Message[..Math.Min(e.Message.Length, LongestError)];
            logger.NotTaken(provider, notification.Key, attempt.Error);
        }
        await db.SaveChangesAsync(CancellationToken.None);
        return attempt.Outcome;
    }

    // Of what makes the message unique, so that it is the same after any crash.
    private static string Fingerprint(Notification notification) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{notification.Key}\n{notification.Channel}\n{notification.Recipient}")))[..32];
}
