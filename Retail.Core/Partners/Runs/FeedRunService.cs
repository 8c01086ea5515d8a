using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Common.Logs;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics.Calls;
using Retail.Core.Partners.Content;

namespace Retail.Core.Partners.Runs;

/// <summary>Who sends a feed, and how.</summary>
/// <param name="Origin">How it came.</param>
/// <param name="AskedBy">Who sent it, or from where it was fetched.</param>
/// <param name="IsDryRun">Only check.</param>
public sealed record FeedArrival(FeedOrigin Origin, string AskedBy, bool IsDryRun = false);

/// <summary>A run that stands for a feed.</summary>
/// <param name="Id">Key.</param>
/// <param name="IsReplay">It was there before: the same content came once more.</param>
public sealed record FeedReceipt(Guid Id, bool IsReplay);

/// <summary>Takes feeds in and lets admins decide on held ones. Each call is one commit, with the promise that a worker follows.</summary>
public sealed class FeedRunService(RetailDbContext db, FeedContents contents, TimeProvider clock)
{
    /// <summary>The kind of the outbox row that makes a worker do a run; its key is the run.</summary>
    public const string OutboxKind = "feed-run";

    private static readonly ServiceError Gone = new(Refusal.NotFound, "unknown_feed_run", "This feed run is not there. Go back to the list.");
    private static readonly ServiceError NotHeld = new(Refusal.Conflict, "not_held", "This run does not wait for a decision any more. Open its page again to see where it stands.");

    /// <summary>
    /// Takes a file in: a new run, or the earlier one when the partner's last feed had the same content and nothing that was agreed on has
    /// changed since. The file must be stored; it is cleared away when it is not needed.
    /// </summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<FeedReceipt>> ReceiveAsync(Guid partnerId, StoredFeed feed, FeedArrival arrival, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(arrival);
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Two that send at once take turns: the second finds the first one's run.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM partners WHERE id = {partnerId} FOR NO KEY UPDATE", ct);
        if (await db.Partners.AsNoTracking().SingleOrDefaultAsync(p => p.Id == partnerId, ct) is not { IsActive: true } partner)
        {
            await contents.DeleteAsync(feed.Id, CancellationToken.None);
            return PartnerErrors.NotActive;
        }
        var last = await db.FeedRuns.AsNoTracking().Where(r => r.PartnerId == partnerId && r.IsDryRun == arrival.IsDryRun).OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).FirstOrDefaultAsync(ct);
        if (last is { Status: not (FeedRunStatus.Failed or FeedRunStatus.Refused) } && last.Hash == feed.Hash && partner.UpdatedAt <= last.CreatedAt)
        {
            await contents.DeleteAsync(feed.Id, CancellationToken.None);
            return new FeedReceipt(last.Id, IsReplay: true);
        }
        var now = clock.GetUtcNow();
        var run = new FeedRun
        {
            Id = Guid.CreateVersion7(now),
            PartnerId = partnerId,
            Origin = arrival.Origin,
            AskedBy = arrival.AskedBy.Length <= 300 ? arrival.AskedBy : arrival.AskedBy[..300],
            ContentId = feed.Id,
            Hash = feed.Hash,
            Bytes = feed.Bytes,
            IsDryRun = arrival.IsDryRun,
            Status = FeedRunStatus.Waiting,
            CreatedAt = now,
            RequestId = RequestScope.RequestId,
        };
        db.FeedRuns.Add(run);
        db.Outbox.Add(Promise(run.Id, now));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new FeedReceipt(run.Id, IsReplay: false);
    }

    /// <summary>An admin lets a held run change the shop.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> ConfirmAsync(Guid runId, string by, CancellationToken ct) => await DecideAsync(runId, FeedRunStatus.Applying, by, ct);

    /// <summary>An admin keeps a held run from changing the shop.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> RefuseAsync(Guid runId, string by, CancellationToken ct) => await DecideAsync(runId, FeedRunStatus.Refused, by, ct);

    private async Task<ServiceResult> DecideAsync(Guid runId, FeedRunStatus next, string by, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var decided = await db.Database.ExecuteSqlAsync($"""
            UPDATE feed_runs SET status = {next.ToString()}, decided_by = {by}, decided_at = {now}, finished_at = CASE WHEN {next.ToString()} = 'Refused' THEN {now} END
            WHERE id = {runId} AND status = 'Held'
            """, ct);
        if (decided == 0) return await db.FeedRuns.AnyAsync(r => r.Id == runId, ct) ? NotHeld : Gone;
        if (next == FeedRunStatus.Applying) db.Outbox.Add(Promise(runId, now));
        else await db.Database.ExecuteSqlAsync($"DELETE FROM feed_changes WHERE run_id = {runId}; DELETE FROM feed_rows WHERE run_id = {runId}", ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return ServiceResult.Done;
    }

    private static OutboxMessage Promise(Guid runId, DateTimeOffset now) => new() { Kind = OutboxKind, Key = runId.ToString(), CreatedAt = now, DueAt = now };
}
