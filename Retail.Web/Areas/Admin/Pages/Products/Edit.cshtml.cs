using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Inventory;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Products;

/// <summary>Makes a product (the id is then "new") or changes one.</summary>
[RequestFormLimits(ValueCountLimit = 5000, MultipartBodyLengthLimit = MaxBody), RequestSizeLimit(MaxBody)]
public sealed class EditModel(ProductEditQueries products, ProductEditor editor, PictureUploads uploads, CatalogModel catalog) : PageModel
{
    public const string New = "new";
    private const long MaxBody = 64 * 1024 * 1024;

    [BindProperty] public ProductForm Form { get; set; } = new();

    /// <summary>The product as it is stored; null for a new one.</summary>
    public ProductForEdit? Saved { get; private set; }

    public string Address => $"{AdminMenu.Products}/{Saved?.Id.ToString() ?? New}";

    public IReadOnlyList<CategoryCard> Categories => catalog.Snapshot.Categories;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        Form = Saved is null ? ProductForm.New() : ProductForm.Of(Saved);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, IReadOnlyList<IFormFile> files, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        await TakeInAsync(files, ct);
        var reader = new ProductFormReader(Form, ModelState);
        var draft = await reader.ReadAsync(Saved?.Id, uploads, ct);
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var saved = await editor.SaveAsync(draft, User.Identity?.Name ?? "", ct);
        if (saved.Error is { } refusal)
        {
            // It was told: saving once more, after comparing, is meant to stand.
            if (refusal.Refusal == Refusal.Conflict && Saved is not null) Form.Version = await products.VersionAsync(Saved.Id, ct) ?? Form.Version;
            return this.Refuse(reader.InForm(refusal), ProductFormReader.Prefix);
        }
        TempData[AdminText.Notice] = saved.Value.Outcome switch
        {
            SaveOutcome.Unchanged => "Nothing was changed.",
            _ when draft.Status == ProductStatus.Published => "Saved. The store shows it now.",
            _ => "Saved. Shoppers don\u2019t see it: it is not published.",
        };
        return LocalRedirect($"{AdminMenu.Products}/{saved.Value.Id}");
    }

    /// <summary>One more variant to fill in, for browsers without scripts.</summary>
    public async Task<IActionResult> OnPostAddVariantAsync(string id, IReadOnlyList<IFormFile> files, CancellationToken ct)
    {
        Form.Variants.Add(new());
        return await ShowAgainAsync(id, files, ct);
    }

    /// <summary>The same form, with a field in each variant for each option that is named now.</summary>
    public Task<IActionResult> OnPostOptionsAsync(string id, IReadOnlyList<IFormFile> files, CancellationToken ct) => ShowAgainAsync(id, files, ct);

    private async Task<IActionResult> ShowAgainAsync(string id, IReadOnlyList<IFormFile> files, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        ModelState.Clear();
        await TakeInAsync(files, ct);
        return Page();
    }

    private async Task<bool> FindAsync(string id, CancellationToken ct)
    {
        if (id == New) return true;
        Saved = Guid.TryParse(id, out var key) ? await products.FindAsync(key, ct) : null;
        return Saved is not null;
    }

    // Kept before anything else: a browser does not send a chosen file twice.
    private async Task TakeInAsync(IReadOnlyList<IFormFile> files, CancellationToken ct)
    {
        foreach (var file in files)
        {
            using var content = new MemoryStream();
            if (file.Length <= PictureContent.MaxBytes + 1) await file.CopyToAsync(content, ct);
            else content.SetLength(PictureContent.MaxBytes + 1);
            var kept = await uploads.KeepAsync(file.FileName, content.ToArray(), ct);
            if (kept.Error is { } refusal) ModelState.AddModelError("files", refusal.Message);
            else if (!Form.Pictures.Exists(p => p.Hash == kept.Value.Hash))
                Form.Pictures.Add(new() { Hash = kept.Value.Hash, ContentType = kept.Value.ContentType, Alt = Form.Name, Place = ProductForm.Text(Form.Pictures.Count + 1) });
        }
    }
}
