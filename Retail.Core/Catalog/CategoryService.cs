using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Catalog;

/// <summary>A shelf as an admin wants it to be.</summary>
public sealed record CategoryDraft
{
    /// <summary>The shelf to change; null for a new one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The row version that the form showed; null: no check.</summary>
    public uint? Version { get; init; }

    /// <inheritdoc cref="Category.Name"/>
    public required string Name { get; init; }

    /// <summary>Name in the address bar; empty: kept, or made of the name.</summary>
    public string Slug { get; init; } = "";

    /// <inheritdoc cref="Category.Description"/>
    public string Description { get; init; } = "";

    /// <inheritdoc cref="Category.Position"/>
    public int Position { get; init; }
}

/// <summary>A shelf in the admin's list.</summary>
/// <param name="Id">Key.</param>
/// <param name="Name">What people read.</param>
/// <param name="Slug">Name in the address bar.</param>
/// <param name="Description">One line.</param>
/// <param name="Position">Order in menus.</param>
/// <param name="Products">Products on it, whatever their status.</param>
/// <param name="Version">Row version.</param>
public sealed record CategoryRow(Guid Id, string Name, string Slug, string Description, int Position, int Products, uint Version);

/// <summary>The shelves of the store: lists, makes, changes and removes them. The next page view of this node shows it.</summary>
public sealed class CategoryService(RetailDbContext db, CatalogModel catalog, TimeProvider clock)
{
    private static readonly ServiceError Gone = new(Refusal.NotFound, "unknown_category", "This category is no longer there. Go back to the list.");
    private static readonly ServiceError ChangedMeanwhile = new(Refusal.Conflict, "changed_meanwhile",
        "Somebody else changed this category while you were editing it. Open it again in another tab, compare, and save once more.");

    /// <summary>All shelves, in the order of menus.</summary>
    public async Task<IReadOnlyList<CategoryRow>> ListAsync(CancellationToken ct) => await Rows(db.Categories).ToListAsync(ct);

    /// <summary>One shelf, or null.</summary>
    public Task<CategoryRow?> FindAsync(Guid id, CancellationToken ct) => Rows(db.Categories.Where(c => c.Id == id)).SingleOrDefaultAsync(ct);

    /// <summary>Makes or changes a shelf.</summary>
    /// <returns>Its key.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Guid>> SaveAsync(CategoryDraft draft, CancellationToken ct)
    {
        if (FirstProblem(draft) is { } problem) return problem;
        db.ChangeTracker.Clear();
        var category = draft.Id is { } id
            ? await db.Categories.SingleOrDefaultAsync(c => c.Id == id, ct)
            : db.Categories.Add(new Category { Id = Guid.CreateVersion7(clock.GetUtcNow()), Name = "", Slug = "" }).Entity;
        if (category is null) return Gone;
        if (draft.Version is { } version) db.ExpectVersion(category, version);
        category.Name = draft.Name.Trim();
        category.Slug = draft.Slug.Trim() is { Length: > 0 } wanted ? Slug.Of(wanted) : category.Slug is { Length: > 0 } kept ? kept : Slug.Of(draft.Name);
        category.Description = draft.Description.Trim();
        category.Position = draft.Position;
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return ChangedMeanwhile;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return new ServiceError(Refusal.Conflict, "slug_taken", $"Another category has the address \u201c{category.Slug}\u201d. Choose another one.", "Slug");
        }
        await catalog.ReloadAsync(CancellationToken.None);
        return category.Id;
    }

    /// <summary>Removes a shelf that nothing stands on.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> DeleteAsync(Guid id, CancellationToken ct)
    {
        try
        {
            if (await db.Categories.Where(c => c.Id == id).ExecuteDeleteAsync(ct) == 0) return Gone;
        }
        // The foreign key decides, not a count before: a product may be put on the shelf at this very moment.
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            var products = await db.Products.CountAsync(p => p.CategoryId == id, ct);
            return new ServiceError(Refusal.Conflict, "category_not_empty", products == 1
                ? "One product stands in this category, perhaps as a draft or archived. Move it to another one first."
                : $"{products} products stand in this category, drafts and archived ones included. Move them to another one first.");
        }
        await catalog.ReloadAsync(CancellationToken.None);
        return ServiceResult.Done;
    }

    private IQueryable<CategoryRow> Rows(IQueryable<Category> categories) => categories.AsNoTracking().OrderBy(c => c.Position).ThenBy(c => c.Name).ThenBy(c => c.Id)
        .Select(c => new CategoryRow(c.Id, c.Name, c.Slug, c.Description, c.Position, db.Products.Count(p => p.CategoryId == c.Id), c.Version));

    private static ServiceError? FirstProblem(CategoryDraft draft)
    {
        if (string.IsNullOrWhiteSpace(draft.Name)) return Bad("missing_name", "Give the category a name.", "Name");
        if (draft.Name.Trim().Length > Category.MaxNameLength) return Bad("name_too_long", $"Shorten the name to {Category.MaxNameLength} characters.", "Name");
        if (draft.Description.Trim().Length > Category.MaxDescriptionLength)
            return Bad("description_too_long", $"Shorten the description to {Category.MaxDescriptionLength} characters.", "Description");
        return draft.Position is < 0 or > Category.MaxPosition ? Bad("bad_position", $"Write a position from 0 to {Category.MaxPosition}.", "Position") : null;
    }

    private static ServiceError Bad(string code, string message, string field) => new(Refusal.Invalid, code, message, field);
}
