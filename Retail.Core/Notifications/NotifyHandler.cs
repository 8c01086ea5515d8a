using Microsoft.EntityFrameworkCore;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics;

namespace Retail.Core.Notifications;

/// <summary>Tells people what was promised to them: composes a message once, and takes it to the providers until one has it.</summary>
public sealed class NotifyHandler(RetailDbContext db, NotificationComposer composer, NotificationSender sender, MailProviders providers, TimeProvider clock) : IOutboxHandler
{
    /// <inheritdoc/>
    public string Kind => Notify.Kind;

    /// <inheritdoc/>
    public TimeSpan TimeLimit => providers.Lease;

    /// <inheritdoc/>
    public async Task HandleAsync(string key, CancellationToken ct)
    {
        var messages = await FindAsync(key, ct);
        if (messages.Count == 0) messages = await ComposeAsync(key, ct);
        var (busy, failed) = (0, 0);
        foreach (var message in messages.Where(m => m.Status is NotificationStatus.Waiting))
        {
            if (!await sender.ClaimAsync(message.Id, ct)) busy++;
            else if (!await SendAsync(message, ct)) failed++;
        }
        if (failed > 0) throw new ProviderAwayException("No provider took the message; the tries say why.");
        // Closed only when it is sent: the other worker may die over it.
        if (busy > 0) throw new TryLaterException("Another worker has the message at this moment.");
    }

    private Task<List<Notification>> FindAsync(string key, CancellationToken ct) =>
        db.Notifications.AsNoTracking().Where(n => n.Key == key).OrderBy(n => n.Id).ToListAsync(ct);

    private async Task<List<Notification>> ComposeAsync(string key, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var template = NotifyKey.Parse(key).Template;
        var drafts = await composer.ComposeAsync(key, ct);
        var messages = drafts.Where(d => !IsMadeUp(d.Recipient)).DistinctBy(d => (d.Channel, d.Recipient)).Select(d => new Notification
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            Template = template,
            Channel = d.Channel,
            Recipient = d.Recipient,
            Subject = d.Subject,
            Text = d.IsSecret ? null : d.Text,
            Html = d.IsSecret || d.Html.Length == 0 ? null : d.Html,
            CreatedAt = now,
        }).ToList();
        db.Notifications.AddRange(messages);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Another worker composed it at the same moment; there is one message, and it is that one.
            db.ChangeTracker.Clear();
            return await FindAsync(key, ct);
        }
        foreach (var message in messages) db.Entry(message).State = EntityState.Detached;
        return messages;
    }

    /// <summary>A drill's shopper: there is nobody to tell.</summary>
    private static bool IsMadeUp(string recipient) => recipient.EndsWith("." + DrillScope.MailDomain, StringComparison.OrdinalIgnoreCase);

    private async Task<bool> SendAsync(Notification message, CancellationToken ct)
    {
        if (message.Text is { } text) return await sender.SendAsync(message, text, message.Html ?? "", ct);
        var draft = (await composer.ComposeAsync(message.Key, ct)).FirstOrDefault(d => d.Channel == message.Channel && d.Recipient == message.Recipient)
            ?? throw new InvalidOperationException($"{message.Key} has nothing to say to its recipient any more.");
        return await sender.SendAsync(message, draft.Text, draft.Html, ct);
    }
}
