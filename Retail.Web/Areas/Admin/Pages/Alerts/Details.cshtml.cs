using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Quality.Alerts;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Alerts;

/// <summary>A rule: where it stands, what happened, and what an admin has to say about it.</summary>
public sealed class DetailsModel(AlertQueries alerts, AlertService service, TimeProvider clock) : PageModel
{
    [BindProperty] public int Minutes { get; set; } = 60;

    [BindProperty] public string? Threshold { get; set; }

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public AlertView Shown { get; private set; } = null!;

    public ListState List { get; private set; } = null!;

    public PageOf<AlertEvent> History { get; private set; } = null!;

    private string By => User.Identity?.Name ?? "admin";

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        Threshold = Shown.Alert.Threshold?.ToString("0.###", CultureInfo.InvariantCulture);
        return Page();
    }

    public async Task<IActionResult> OnPostAcknowledgeAsync(string id, CancellationToken ct) =>
        await AnswerAsync(id, await service.AcknowledgeAsync(id, By, ct), "You are on it.", ct);

    public async Task<IActionResult> OnPostSilenceAsync(string id, CancellationToken ct) =>
        await AnswerAsync(id, await service.SilenceAsync(id, Minutes, By, ct), Minutes == 0 ? "People are told again." : "Nobody is told for a while.", ct);

    public async Task<IActionResult> OnPostThresholdAsync(string id, CancellationToken ct)
    {
        var typed = Threshold?.Trim();
        if (string.IsNullOrEmpty(typed)) return await AnswerAsync(id, await service.SetThresholdAsync(id, null, By, ct), "The rule\u2019s own threshold counts.", ct);
        var set = double.TryParse(typed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? await service.SetThresholdAsync(id, number, By, ct) : AlertErrors.BadThreshold;
        return await AnswerAsync(id, set, "The threshold counts from the next look on.", ct);
    }

    private async Task<IActionResult> AnswerAsync(string id, ServiceResult done, string notice, CancellationToken ct)
    {
        if (done.Error is { } refusal) return await FindAsync(id, ct) ? this.Refuse(refusal) : NotFound();
        TempData[AdminText.Notice] = notice;
        return LocalRedirect($"{AdminMenu.Alerts}/{id}");
    }

    private async Task<bool> FindAsync(string id, CancellationToken ct)
    {
        if (await alerts.FindAsync(id, ct) is not { } found) return false;
        Shown = found;
        List = new($"{AdminMenu.Alerts}/{id}", Request, "-at");
        History = await alerts.HistoryAsync(id, List.Page, ct);
        return true;
    }
}
