using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Quality.Drills;
using Retail.Web.Hosting;

namespace Retail.Web.Areas.Admin.Pages.Drills;

/// <summary>One drill: how far it is, then what it found, with its evidence.</summary>
public sealed class DetailsModel(DrillQueries queries, IAuthorizationService rights) : PageModel
{
    public DrillView Drill { get; private set; } = null!;

    public IReadOnlyList<DrillEvidence> Evidence { get; private set; } = [];

    public bool MayRun { get; private set; }

    public bool IsRunning => Drill.Run.Status == DrillStatus.Running;

    public string Title => DrillPlans.Find(Drill.Run.Name)?.Title ?? Drill.Run.Name;

    /// <summary>What it was told, in words.</summary>
    public string Told => Drill.Parameters.Count == 0 ? "nothing" : string.Join(", ", Drill.Parameters.Select(p => $"{p.Key} {p.Value}"));

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
    {
        if (await queries.FindAsync(id, ct) is not { } found) return NotFound();
        Drill = found;
        if (found.Result is not null) Evidence = await queries.EvidenceAsync(found, ct);
        MayRun = (await rights.AuthorizeAsync(User, Policies.Drills)).Succeeded;
        return Page();
    }

    public async Task<IActionResult> OnPostStopAsync(Guid id, CancellationToken ct)
    {
        if (!(await rights.AuthorizeAsync(User, Policies.Drills)).Succeeded) return Forbid();
        await queries.StopAsync(id, ct);
        TempData[AdminText.Notice] = "It stops, and clears away what it made.";
        return LocalRedirect($"{AdminMenu.Drills}/{id}");
    }
}
