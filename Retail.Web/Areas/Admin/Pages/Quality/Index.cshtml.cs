using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Quality.Scenarios;

namespace Retail.Web.Areas.Admin.Pages.Quality;

public sealed class IndexModel(ScenarioBoard board, ScenarioEvaluator evaluator, VerdictStore verdicts) : PageModel
{
    private static readonly TimeSpan WorkerIsLate = TimeSpan.FromMinutes(5);

    public Board Board { get; private set; } = null!;

    /// <summary>The worker should look each minute; when it does not, history has gaps and nobody is told of a failure.</summary>
    public bool NobodyLooks => Board.StoredAt is null || Board.Now - Board.StoredAt > WorkerIsLate;

    public async Task OnGetAsync(CancellationToken ct)
    {
        Response.Headers.CacheControl = "no-store";
        Board = await board.ReadAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var found = await evaluator.EvaluateAsync(maxAge: null, ct);
        await verdicts.KeepAsync(found, ct);
        TempData[AdminText.Notice] = $"Evaluated {found.Count} scenarios: {found.Count(v => v.Status == VerdictStatus.Pass)} pass, {found.Count(v => v.Status == VerdictStatus.Fail)} fail.";
        return RedirectToPage();
    }
}
