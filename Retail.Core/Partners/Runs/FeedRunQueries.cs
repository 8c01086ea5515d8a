using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;

namespace Retail.Core.Partners.Runs;

/// <summary>A run with its partner's name.</summary>
public sealed record FeedRunRow(FeedRun Run, string Partner);

/// <summary>Reads runs and their reports.</summary>
public sealed class FeedRunQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    /// <summary>Rows on a page of a report.</summary>
    public const int IssuesPageSize = 100;

    /// <summary>A page of the runs that fit, newest first.</summary>
    /// <param name="partnerId">Only of this partner; null for all.</param>
    /// <param name="status">Only these; null for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<PageOf<FeedRunRow>> ListAsync(Guid? partnerId, FeedRunStatus? status, int page, CancellationToken ct)
    {
        var runs = partnerId is not null ? db.FeedRuns.AsNoTracking().Where(r => r.PartnerId == partnerId)
            // A drill's partner is gone in a minute or two.
            : db.FeedRuns.AsNoTracking().Where(r => !db.Partners.Any(p => p.Id == r.PartnerId && p.Contact.EndsWith("." + DrillScope.MailDomain)));
        if (status is not null) runs = runs.Where(r => r.Status == status);
        var total = await runs.CountAsync(ct);
        page = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await runs.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(r => new FeedRunRow(r, db.Partners.Single(p => p.Id == r.PartnerId).Name)).ToListAsync(ct);
        return new(rows, page, PageSize, total);
    }

    /// <summary>A run, or null.</summary>
    /// <param name="id">Key.</param>
    /// <param name="partnerId">Only if it is this partner's; null for admins.</param>
    /// <param name="ct">Stops the work.</param>
    public Task<FeedRunRow?> FindAsync(Guid id, Guid? partnerId, CancellationToken ct) => db.FeedRuns.AsNoTracking().Where(r => r.Id == id && (partnerId == null || r.PartnerId == partnerId))
        .Select(r => new FeedRunRow(r, db.Partners.Single(p => p.Id == r.PartnerId).Name)).SingleOrDefaultAsync(ct);

    /// <summary>How many issues of each code a run has, most first.</summary>
    public async Task<IReadOnlyList<(string Code, bool IsRejection, int Count)>> CodesAsync(Guid runId, CancellationToken ct) =>
        [.. (await db.FeedIssues.Where(i => i.RunId == runId).GroupBy(i => new { i.Code, i.IsRejection }).Select(g => new { g.Key.Code, g.Key.IsRejection, Count = g.Count() }).ToListAsync(ct))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Code, StringComparer.Ordinal).Select(c => (c.Code, c.IsRejection, c.Count))];

    /// <summary>A page of a run's report, in the file's order.</summary>
    public async Task<PageOf<FeedIssue>> IssuesAsync(Guid runId, string? code, int page, CancellationToken ct)
    {
        var issues = db.FeedIssues.AsNoTracking().Where(i => i.RunId == runId && (code == null || i.Code == code));
        var total = await issues.CountAsync(ct);
        page = Math.Clamp(page, 1, Math.Max(1, (total + IssuesPageSize - 1) / IssuesPageSize));
        return new(await issues.OrderBy(i => i.Number).ThenBy(i => i.Position).Skip((page - 1) * IssuesPageSize).Take(IssuesPageSize).ToListAsync(ct), page, IssuesPageSize, total);
    }

    /// <summary>Writes a run's report as CSV, row by row: a spreadsheet opens it, and takes no value for a formula.</summary>
    public async Task WriteReportAsync(Guid runId, Stream to, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(to);
        await using var text = new StreamWriter(to, leaveOpen: true) { NewLine = "\r\n" };
        await text.WriteLineAsync("line,id,outcome,code,field,message");
        await foreach (var i in db.FeedIssues.AsNoTracking().Where(i => i.RunId == runId).OrderBy(i => i.Number).ThenBy(i => i.Position).AsAsyncEnumerable().WithCancellation(ct))
            await text.WriteLineAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{i.Line},{Csv(i.ExternalId)},{(i.IsRejection ? "rejected" : "warning")},{i.Code},{Csv(i.Field)},{Csv(i.Message)}"));
    }

    private static string Csv(string value)
    {
        var safe = value is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n'") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
