using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Partners.Runs;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.FeedRuns;

/// <summary>One run: its figures, its report, and the decision when it is held.</summary>
public sealed class DetailsModel(FeedRunQueries queries, FeedRunService runs) : PageModel
{
    public FeedRunRow Row { get; private set; } = null!;

    public ListState List { get; private set; } = null!;

    public PageOf<FeedIssue> Issues { get; private set; } = null!;

    public IReadOnlyList<(string Code, bool IsRejection, int Count)> Codes { get; private set; } = [];

    public string? Code => List["code"] is { Length: > 0 } code ? code : null;

    public string Address => $"{AdminMenu.FeedRuns}/{Row.Run.Id}";

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct) => await FindAsync(id, ct) ? Page() : NotFound();

    public async Task<IActionResult> OnGetReportAsync(Guid id, CancellationToken ct)
    {
        if (await queries.FindAsync(id, null, ct) is null) return NotFound();
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = $"attachment; filename=\"feed-run-{id}.csv\"";
        Response.Headers.CacheControl = "no-store";
        await queries.WriteReportAsync(id, Response.Body, ct);
        return new EmptyResult();
    }

    public async Task<IActionResult> OnPostConfirmAsync(Guid id, CancellationToken ct) =>
        await DecideAsync(id, await runs.ConfirmAsync(id, User.Identity?.Name ?? "", ct), "Confirmed. A worker applies it now.", ct);

    public async Task<IActionResult> OnPostRefuseAsync(Guid id, CancellationToken ct) =>
        await DecideAsync(id, await runs.RefuseAsync(id, User.Identity?.Name ?? "", ct), "Refused. The shop stays as it is.", ct);

    private async Task<IActionResult> DecideAsync(Guid id, ServiceResult decided, string notice, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (decided.Error is { } refusal) return this.Refuse(refusal);
        TempData[AdminText.Notice] = notice;
        return LocalRedirect(Address);
    }

    private async Task<bool> FindAsync(Guid id, CancellationToken ct)
    {
        if (await queries.FindAsync(id, null, ct) is not { } row) return false;
        Row = row;
        List = new(Address, Request, "line");
        Codes = await queries.CodesAsync(id, ct);
        Issues = await queries.IssuesAsync(id, Code, List.Page, ct);
        return true;
    }
}
