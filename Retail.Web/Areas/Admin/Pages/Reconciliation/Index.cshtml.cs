using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Quality.Reconciliation;

namespace Retail.Web.Areas.Admin.Pages.Reconciliation;

/// <summary>The last comparison of the books with what it found, those before it, and the buttons to compare and to read the catalogue again.</summary>
public sealed class IndexModel(Reconciler reconciler, ReconciliationQueries queries, CatalogSync sync) : PageModel
{
    public ListState List { get; private set; } = null!;

    /// <summary>The one that is shown; null when there is none.</summary>
    public ReconciliationRun? Run { get; private set; }

    public PageOf<ReconciliationFinding> Findings { get; private set; } = null!;

    public IReadOnlyList<ReconciliationRun> Runs { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Reconciliation, Request, "");
        Guid? asked = Guid.TryParse(List["run"], out var id) ? id : null;
        Run = await queries.FindAsync(asked, ct);
        if (Run is null && asked is not null) return NotFound();
        Runs = await queries.RunsAsync(ct);
        if (Run is not null) Findings = await queries.FindingsAsync(Run.Id, List.Search, List.Choice<FindingKind>("kind"), List.Page, ct);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var run = (await reconciler.RunAsync(User.Identity?.Name ?? "admin", BooksFilter.Open, 1, 1, ct)).Run;
        TempData[AdminText.Notice] = run.Result switch
        {
            Severity.Ok => $"Compared {AdminText.Number(run.Checked)} variants and all orders: all figures agree.",
            Severity.Warning => $"Compared {AdminText.Number(run.Checked)} variants and all orders: the books balance, and {AdminText.Number(run.Warnings)} variants are shown otherwise on this node’s pages.",
            Severity.Critical => $"Compared {AdminText.Number(run.Checked)} variants and all orders: {AdminText.Number(run.Differences)} differences.",
            _ => throw new InvalidOperationException($"{run.Result} is no result."),
        };
        return Redirect(AdminMenu.Reconciliation);
    }

    public async Task<IActionResult> OnPostSyncAsync(CancellationToken ct)
    {
        await sync.AskAllAsync(ct);
        TempData[AdminText.Notice] = "Every node reads the whole catalogue again now.";
        return Redirect(AdminMenu.Reconciliation);
    }

    /// <summary>The figures of a run; none is above zero in a healthy store.</summary>
    public static IEnumerable<(int Number, string Words)> FiguresOf(ReconciliationRun run)
    {
        yield return (run.Stock, "variants whose stock differs");
        yield return (run.Oversold, "units oversold, recounted from orders");
        yield return (run.Totals, "orders whose total differs");
        yield return (run.Payments, "orders whose payments differ");
        yield return (run.Orphans, "rows that refer to nothing");
        if (run.ReadModel is { } stale) yield return (stale, "variants that pages show otherwise");
    }

    /// <summary>Where the thing is looked at; null when it has no page.</summary>
    public static string? HrefOf(ReconciliationFinding finding) => finding switch
    {
        { SubjectId: null } => null,
        { Kind: FindingKind.Stock or FindingKind.ReadModel } => $"/admin/products/{finding.SubjectId}",
        { Kind: FindingKind.Totals or FindingKind.Payments } => $"/admin/orders/{finding.SubjectId}",
        _ => null,
    };
}
