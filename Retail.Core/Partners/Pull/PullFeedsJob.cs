using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;
using Retail.Core.Partners.Pipeline;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pull;

/// <summary>Which partner a job is about.</summary>
public sealed record AboutPartner(Guid PartnerId);

/// <summary>Looks whose feed is due, and asks for a job each: one source that hangs keeps no other waiting. Asks for runs again whose job was lost.</summary>
public sealed class PullFeedsJob(RetailDbContext db, IJobQueue queue, TimeProvider clock) : IJob<NoArgs>
{
    /// <summary>Its name.</summary>
    public const string Name = "pull-feeds";

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var partner in await db.Partners.Where(p => p.IsActive && p.NextPullAt <= now).OrderBy(p => p.NextPullAt).Select(p => p.Id).ToListAsync(ct))
            await queue.EnqueueAsync(PullFeedJob.Name, partner.ToString(), new AboutPartner(partner), ct);
        var stuck = now.AddMinutes(-1);
        foreach (var run in await db.FeedRuns.Where(r => (r.Status == FeedRunStatus.Waiting || r.Status == FeedRunStatus.Reading || r.Status == FeedRunStatus.Applying) && r.CreatedAt < stuck).OrderBy(r => r.CreatedAt).Select(r => new { r.Id, r.PartnerId }).Take(100).ToListAsync(ct))
            await queue.EnqueueAsync(RunFeedsJob.Name, run.Id.ToString(), new AboutPartner(run.PartnerId), ct);
    }
}

/// <summary>Fetches one partner's feed.</summary>
public sealed class PullFeedJob(FeedPull pull) : IJob<AboutPartner>
{
    /// <summary>Its name.</summary>
    public const string Name = "pull-feed";

    /// <inheritdoc/>
    public async Task RunAsync(AboutPartner args, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(args);
        await pull.PullAsync(args.PartnerId, ct);
    }
}
