using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;
using Retail.Core.Partners.Pull;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>Does a partner's runs.</summary>
public sealed class RunFeedsJob(FeedRunner runner) : IJob<AboutPartner>
{
    /// <summary>Its name.</summary>
    public const string Name = "run-feeds";

    /// <inheritdoc/>
    public Task RunAsync(AboutPartner args, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(args);
        return runner.RunAsync(args.PartnerId, ct);
    }
}

/// <summary>Keeps the promise that a feed which was taken in, or confirmed, is worked on.</summary>
internal sealed class FeedRunHandler(RetailDbContext db, IJobQueue queue) : IOutboxHandler
{
    public string Kind => FeedRunService.OutboxKind;

    public async Task HandleAsync(string key, CancellationToken ct)
    {
        var id = Guid.Parse(key);
        if (await db.FeedRuns.Where(r => r.Id == id).Select(r => (Guid?)r.PartnerId).SingleOrDefaultAsync(ct) is not { } partner) return;
        // A job for each run: one that finds another worker at this partner's runs leaves its own to that worker, who looks again before it stops.
        await queue.EnqueueAsync(RunFeedsJob.Name, key, new AboutPartner(partner), ct);
    }
}
