using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Flags;

namespace Retail.Web.Areas.Admin.Pages.Flags;

/// <summary>The feature flags: where each stands, who put it there, and the switch.</summary>
public sealed class IndexModel(FlagService service) : PageModel
{
    public IReadOnlyList<FlagState> Flags { get; private set; } = [];

    public IReadOnlyList<FeatureFlagChange> Changes { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) => (Flags, Changes) = (await service.ListAsync(ct), await service.HistoryAsync(ct));

    public async Task<IActionResult> OnPostAsync(string? name, bool? on, CancellationToken ct)
    {
        if (FeatureFlags.Find(name ?? "") is not { } flag || on is not { } put) return BadRequest();
        var (meansOn, meansOff) = FlagWords.Meaning(flag);
        var changed = await service.SwitchAsync(flag, put, User.Identity?.Name ?? "admin", ct);
        TempData[AdminText.Notice] = changed ? $"{flag} is {(put ? "on" : "off")}. {(put ? meansOn : meansOff)}" : $"{flag} was {(put ? "on" : "off")} already.";
        return Redirect(AdminMenu.Flags);
    }
}
