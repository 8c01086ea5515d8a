using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Partners;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Formats;
using Retail.Core.Partners.Pull;
using Retail.Core.Partners.Runs;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Partners;

/// <summary>Makes a partner (the id is then "new") or changes one: what was agreed on, its keys, its categories, its feeds.</summary>
[RequestSizeLimit(MaxRequestBytes), RequestFormLimits(MultipartBodyLengthLimit = MaxRequestBytes)]
public sealed class EditModel(
    PartnerService partners, PartnerKeys keys, PartnerQueries queries, FeedDesk desk, FeedFormats formats, IOptions<StoreOptions> store) : PageModel
{
    public const string New = "new";

    /// <summary>Above the largest file that is taken by default; the setting decides when it is lower.</summary>
    private const long MaxRequestBytes = 2_000_000_000;
    private const string KeyOnce = "PartnerKey";

    [BindProperty] public PartnerForm Form { get; set; } = new();

    /// <summary>The partner as it is stored; null for a new one.</summary>
    public PartnerView? Saved { get; private set; }

    /// <summary>A key that was just made: on this page and never again.</summary>
    public string? NewKey { get; private set; }

    public IReadOnlyList<(string Value, string Text)> Shelves { get; private set; } = [];

    public DateTimeOffset Now => desk.Now;

    public string StoreCurrency => store.Value.Currency;

    public string Address => $"{AdminMenu.Partners}/{Saved?.Partner.Id.ToString() ?? New}";

    public IReadOnlyList<(string Value, string Text)> Formats => [.. formats.All.Select(f => (f.Key, f.Name))];

    public string FormatName => formats.Find(Saved?.Partner.Format)?.Name ?? "";

    public StateBadge StateOf(PartnerKey key) =>
        key.RevokedAt is not null ? new("bad", "Revoked") : !key.WorksAt(Now) ? new("", "Ended") : key.ExpiresAt is not null ? new("warn", "Ends soon") : new("good", "Works");

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (Saved is { } saved) Form = PartnerForm.Of(saved.Partner);
        else Form.Currency = StoreCurrency;
        NewKey = TempData[KeyOnce] as string;
        if (NewKey is not null) Response.Headers.CacheControl = "no-store";
        return Page();
    }

    public async Task<IActionResult> OnGetSampleAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || formats.Find(Saved?.Partner.Format) is not { } format) return NotFound();
        return File(FeedFormats.OpenSample(format), "application/octet-stream", format.Sample);
    }

    public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (Form.Read(ModelState, Saved?.Partner) is not { } draft)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var saved = await partners.SaveAsync(draft, ct);
        if (saved.Error is { } refusal)
        {
            // It was told: saving once more, after comparing, is meant to stand.
            if (refusal == PartnerErrors.ChangedMeanwhile) Form.Seen = Saved?.Partner.UpdatedAt.UtcTicks;
            return this.Refuse(refusal, "Form.");
        }
        TempData[AdminText.Notice] = "Saved. It counts from the next feed on.";
        return LocalRedirect($"{AdminMenu.Partners}/{saved.Value}");
    }

    public async Task<IActionResult> OnPostCategoriesAsync(string id, List<string> sources, List<Guid?> chosen, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is null) return NotFound();
        var shelves = sources.Take(chosen.Count).Select((source, i) => (source, chosen[i])).DistinctBy(s => s.source).ToDictionary(s => s.source, s => s.Item2);
        return await DoneAsync(await partners.MapCategoriesAsync(Saved.Partner.Id, shelves, ct), "Saved. The categories count from the next feed on.");
    }

    public async Task<IActionResult> OnPostKeyAsync(string id, int overlapDays, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is null) return NotFound();
        var made = await keys.MakeAsync(Saved.Partner.Id, TimeSpan.FromDays(Math.Clamp(overlapDays, 0, 90)), ct);
        if (made.Error is { } refusal) return ShowAgain(refusal);
        // In the encrypted cookie of this one redirect, nowhere else.
        TempData[KeyOnce] = made.Value;
        return LocalRedirect(Address);
    }

    public async Task<IActionResult> OnPostRevokeAsync(string id, Guid keyId, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is null) return NotFound();
        return await DoneAsync(await keys.RevokeAsync(Saved.Partner.Id, keyId, ct), "The key was revoked: it opens nothing any more.");
    }

    public async Task<IActionResult> OnPostUploadAsync(string id, IFormFile? file, bool dryRun, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is null) return NotFound();
        ModelState.Clear();
        var received = await desk.TakeAsync(Saved.Partner.Id, file, User.Identity?.Name ?? "", dryRun, ct);
        if (received.Error is { } refusal) return ShowAgain(refusal);
        TempData[AdminText.Notice] = received.Value.IsReplay ? "The partner’s last feed had the same content: this is its run." : "Taken in. A worker reads it now.";
        return LocalRedirect($"{AdminMenu.FeedRuns}/{received.Value.Id}");
    }

    public async Task<IActionResult> OnPostPullAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is null) return NotFound();
        var pulled = await desk.PullAsync(Saved.Partner.Id, ct);
        if (pulled.Error is { } refusal) return ShowAgain(refusal);
        if (pulled.Value is { } receipt) return LocalRedirect($"{AdminMenu.FeedRuns}/{receipt.Id}");
        TempData[AdminText.Notice] = "There is nothing new at the source.";
        return LocalRedirect(Address);
    }

    private async Task<IActionResult> DoneAsync(ServiceResult done, string notice)
    {
        if (done.Error is { } refusal) return ShowAgain(refusal);
        TempData[AdminText.Notice] = notice;
        return await Task.FromResult(LocalRedirect(Address));
    }

    private PageResult ShowAgain(ServiceError refusal)
    {
        ModelState.Clear();
        Form = PartnerForm.Of(Saved!.Partner);
        return this.Refuse(refusal with { Field = "" });
    }

    private async Task<bool> FindAsync(string id, CancellationToken ct)
    {
        Shelves = await desk.ShelvesAsync(ct);
        if (id == New) return true;
        Saved = Guid.TryParse(id, out var key) ? await queries.FindAsync(key, ct) : null;
        return Saved is not null;
    }
}
