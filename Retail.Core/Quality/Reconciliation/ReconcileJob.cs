using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>Compares the books each night, and forgets old comparisons.</summary>
public sealed class ReconcileJob(Reconciler reconciler, RetailDbContext db, TimeProvider clock) : IJob<NoArgs>
{
    /// <summary>How it is run.</summary>
    public static readonly JobDefinition Definition = new("reconciliation")
    {
        Purpose = "Compares stock, ledger, orders and payments; a difference is critical.",
        Cron = "0 30 3 * * ?",
        TimeLimit = TimeSpan.FromMinutes(15),
    };

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        await reconciler.RunAsync("worker", BooksFilter.Open, 1, 1, ct);
        var before = clock.GetUtcNow() - Kept;
        await db.ReconciliationRuns.Where(r => r.StartedAt < before).ExecuteDeleteAsync(ct);
    }
}
