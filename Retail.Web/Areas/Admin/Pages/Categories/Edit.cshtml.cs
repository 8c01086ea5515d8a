using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Categories;

/// <summary>Makes a category (the id is then "new"), changes or removes one.</summary>
public sealed class EditModel(CategoryService categories) : PageModel
{
    public const string New = "new";

    [BindProperty] public CategoryForm Form { get; set; } = new();

    /// <summary>The category as it is stored; null for a new one.</summary>
    public CategoryRow? Saved { get; private set; }

    public string Address => $"{AdminMenu.Categories}/{Saved?.Id.ToString() ?? New}";

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (Saved is { } saved) Fill(saved);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (!int.TryParse(Form.Position, NumberStyles.None, CultureInfo.InvariantCulture, out var position)) ModelState.AddModelError("Form.Position", "Write the position as a whole number, such as 1.");
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var saved = await categories.SaveAsync(new CategoryDraft
        {
            Id = Saved?.Id,
            Version = Form.Version,
            Name = Form.Name ?? "",
            Slug = Form.Slug ?? "",
            Description = Form.Description ?? "",
            Position = position,
        }, ct);
        if (saved.Error is { } refusal)
        {
            // It was told: saving once more, after comparing, is meant to stand.
            if (refusal.Refusal == Refusal.Conflict) Form.Version = Saved?.Version;
            return this.Refuse(refusal, "Form.");
        }
        TempData[AdminText.Notice] = "Saved. The store shows it now.";
        return LocalRedirect(AdminMenu.Categories);
    }

    public async Task<IActionResult> OnPostDeleteAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is not { } saved) return NotFound();
        ModelState.Clear();
        Fill(saved);
        if ((await categories.DeleteAsync(saved.Id, ct)).Error is { } refusal) return this.Refuse(refusal);
        TempData[AdminText.Notice] = $"The category \u201c{saved.Name}\u201d is gone.";
        return LocalRedirect(AdminMenu.Categories);
    }

    private async Task<bool> FindAsync(string id, CancellationToken ct)
    {
        if (id == New) return true;
        Saved = Guid.TryParse(id, out var key) ? await categories.FindAsync(key, ct) : null;
        return Saved is not null;
    }

    private void Fill(CategoryRow saved) => Form = new()
    {
        Version = saved.Version,
        Name = saved.Name,
        Slug = saved.Slug,
        Description = saved.Description,
        Position = saved.Position.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>What was typed, as it was typed.</summary>
    public sealed class CategoryForm
    {
        public uint? Version { get; set; }

        public string? Name { get; set; }

        public string? Slug { get; set; }

        public string? Description { get; set; }

        public string? Position { get; set; } = "0";
    }
}
