using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Partners.Runs;

/// <summary>Clears away contents of feeds that are over, uploads that broke off, and old runs with their reports.</summary>
public sealed class TidyFeedsJob(RetailDbContext db, IOptions<PartnersOptions> options, TimeProvider clock) : IJob<NoArgs>
{
    /// <summary>Its name.</summary>
    public const string Name = "tidy-feeds";

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (contents, runs, brokenOff) = (now - options.Value.KeepContents, now - options.Value.KeepRuns, now.AddDays(-1));
        await db.Database.ExecuteSqlAsync($"""
            DELETE FROM feed_contents c WHERE c.created_at < {brokenOff} AND NOT EXISTS (
                SELECT 1 FROM feed_runs r WHERE r.content_id = c.id AND (r.finished_at IS NULL OR r.finished_at > {contents}))
            """, ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM feed_runs WHERE finished_at < {runs}", ct);
    }
}
