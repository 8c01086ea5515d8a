using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>Reads what comparisons came to.</summary>
public sealed class ReconciliationQueries(RetailDbContext db)
{
    private const int RunsShown = 30;
    private const int FindingsOnPage = 50;

    /// <summary>The last runs, newest first, without their findings.</summary>
    public async Task<IReadOnlyList<ReconciliationRun>> RunsAsync(CancellationToken ct) =>
        await db.ReconciliationRuns.AsNoTracking().OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id).Take(RunsShown).ToListAsync(ct);

    /// <summary>A run, or the last when none is named; null when there is none.</summary>
    public Task<ReconciliationRun?> FindAsync(Guid? id, CancellationToken ct) => db.ReconciliationRuns.AsNoTracking()
        .Where(r => id == null || r.Id == id).OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id).FirstOrDefaultAsync(ct);

    /// <summary>What a run found, the worst first.</summary>
    public async Task<PageOf<ReconciliationFinding>> FindingsAsync(Guid runId, string search, FindingKind? kind, int page, CancellationToken ct)
    {
        var found = db.Set<ReconciliationFinding>().AsNoTracking().Where(f => f.RunId == runId && (kind == null || f.Kind == kind));
        if (search.Length > 0) found = found.Where(f => EF.Functions.ILike(f.Subject, Like.Containing(search)));
        var total = await found.CountAsync(ct);
        var number = Math.Clamp(page, 1, Math.Max(1, (total + FindingsOnPage - 1) / FindingsOnPage));
        return new(await found.OrderBy(f => f.Id).Skip((number - 1) * FindingsOnPage).Take(FindingsOnPage).ToListAsync(ct), number, FindingsOnPage, total);
    }
}
