using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Notifications;

/// <summary>A message in the admin's list.</summary>
/// <param name="Id">Key.</param>
/// <param name="Template">With its version.</param>
/// <param name="Channel">How it travels.</param>
/// <param name="Recipient">To whom.</param>
/// <param name="Subject">Of a mail.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Tries">How many times a provider was asked.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record NotificationRow(
    Guid Id, string Template, NotificationChannel Channel, string Recipient, string Subject, NotificationStatus Status, int Tries, DateTimeOffset CreatedAt);

/// <summary>A message with its tries, oldest first.</summary>
public sealed record NotificationView(Notification Message, IReadOnlyList<NotificationTry> Tries);

/// <summary>Reads messages: for admins only.</summary>
public sealed class NotificationQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    /// <summary>A page of the messages that fit, newest first.</summary>
    /// <param name="search">A part of the recipient or the subject; empty for all.</param>
    /// <param name="status">Only these; null for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<PageOf<NotificationRow>> ListAsync(string search, NotificationStatus? status, int page, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(search);
        IQueryable<Notification> messages = db.Notifications;
        if (status is not null) messages = messages.Where(n => n.Status == status);
        if (search.Trim() is { Length: > 0 } words)
        {
            var pattern = Like.Containing(words);
            messages = messages.Where(n => EF.Functions.ILike(n.Recipient, pattern) || EF.Functions.ILike(n.Subject, pattern));
        }
        var total = await messages.CountAsync(ct);
        page = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await messages.OrderByDescending(n => n.CreatedAt).ThenByDescending(n => n.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(n => new NotificationRow(n.Id, n.Template, n.Channel, n.Recipient, n.Subject, n.Status, db.NotificationTries.Count(t => t.NotificationId == n.Id), n.CreatedAt))
            .ToListAsync(ct);
        return new(rows, page, PageSize, total);
    }

    /// <summary>A message, or null.</summary>
    public async Task<NotificationView?> FindAsync(Guid id, CancellationToken ct)
    {
        if (await db.Notifications.AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, ct) is not { } message) return null;
        return new(message, await db.NotificationTries.AsNoTracking().Where(t => t.NotificationId == id).OrderBy(t => t.Id).ToListAsync(ct));
    }
}
