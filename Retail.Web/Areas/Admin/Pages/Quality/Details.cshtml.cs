using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Quality.Scenarios;

namespace Retail.Web.Areas.Admin.Pages.Quality;

public sealed class DetailsModel(ScenarioBoard board, VerdictQueries stored) : PageModel
{
    private const int HistoryRows = 40;

    public Board Board { get; private set; } = null!;

    public BoardEntry Entry { get; private set; } = null!;

    /// <summary>An earlier verdict that is shown instead of the latest.</summary>
    public VerdictView? Earlier { get; private set; }

    public IReadOnlyList<VerdictView> History { get; private set; } = [];

    public VerdictStatus Status => Earlier?.Status ?? Entry.Status;

    public IReadOnlyList<MeasureOutcome> Measures => Earlier?.Measures ?? Entry.Measures;

    public async Task<IActionResult> OnGetAsync(string id, long? verdict, CancellationToken ct)
    {
        Response.Headers.CacheControl = "no-store";
        Board = await board.ReadAsync(ct);
        if (Board.Entries.FirstOrDefault(e => string.Equals(e.Scenario.Id, id, StringComparison.OrdinalIgnoreCase)) is not { } entry) return NotFound();
        Entry = entry;
        if (verdict is { } earlier && (Earlier = await stored.FindAsync(entry.Scenario.Id, earlier, ct)) is null) return NotFound();
        History = await stored.OfAsync(entry.Scenario.Id, HistoryRows, ct);
        return Page();
    }
}
