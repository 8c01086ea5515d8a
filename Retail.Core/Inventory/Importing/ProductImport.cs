using Microsoft.EntityFrameworkCore;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Inventory.Importing;

/// <summary>How an import is done.</summary>
/// <param name="PicturesFolder">Where the pictures lie; null for none.</param>
/// <param name="DefaultStock">Units of a new product whose row names none.</param>
/// <param name="DryRun">Only check: nothing is changed.</param>
public sealed record ImportSettings(string? PicturesFolder, int DefaultStock, bool DryRun);

/// <summary>Something about one line of the file.</summary>
public sealed record ImportRemark(int Line, string Text);

/// <summary>What an import did; in a dry run, what it would do, and changed and unchanged are not told apart.</summary>
public sealed class ImportReport
{
    private readonly int[] _outcomes = new int[3];

    /// <summary>Products made.</summary>
    public int Created => _outcomes[(int)SaveOutcome.Created];

    /// <summary>Products that are different now.</summary>
    public int Changed => _outcomes[(int)SaveOutcome.Changed];

    /// <summary>Products that were so already.</summary>
    public int Unchanged => _outcomes[(int)SaveOutcome.Unchanged];

    /// <summary>Rows that did not become products, and why.</summary>
    public List<ImportRemark> Rejected { get; } = [];

    /// <summary>Products that came without their picture, and why.</summary>
    public List<ImportRemark> WithoutPicture { get; } = [];

    /// <summary>Fields of the file that the store has no use for.</summary>
    public SortedSet<string> UnusedFields { get; } = [];

    internal void Count(SaveOutcome outcome) => _outcomes[(int)outcome]++;
}

/// <summary>Brings the products of a file into the catalogue, each on its own: a bad row keeps no good one out. Doing it again changes nothing.</summary>
public sealed class ProductImport(RetailDbContext db, ProductEditor editor, TimeProvider clock)
{
    private static readonly HashSet<string> Used = ["id", "name", "description", "price", "brand", "type", "sku", "gtin", "stock", "compareatprice", "image", "attributes"];

    /// <summary>Imports rows.</summary>
    /// <param name="rows">What <see cref="ImportFile.ReadAsync"/> read.</param>
    /// <param name="settings">How.</param>
    /// <param name="progress">Told how many rows are done.</param>
    /// <param name="ct">Stops between two rows; what is done stays.</param>
    public async Task<ImportReport> RunAsync(IReadOnlyList<ImportRow> rows, ImportSettings settings, IProgress<int> progress, CancellationToken ct)
    {
        var report = new ImportReport();
        var pictures = new ImportPictures(settings.PicturesFolder);
        var seen = new Dictionary<string, int>();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            report.UnusedFields.UnionWith(row.Fields.Keys.Where(field => !Used.Contains(field)));
            var problem = row.Problem ?? RowReader.IdProblem(row, seen) ?? await ImportAsync(row, settings, pictures, report, ct);
            if (problem is not null) report.Rejected.Add(new(row.Line, problem));
            progress.Report(i + 1);
        }
        return report;
    }

    private async Task<string?> ImportAsync(ImportRow row, ImportSettings settings, ImportPictures pictures, ImportReport report, CancellationToken ct)
    {
        var id = RowReader.IdOf(row)!;
        var externalId = $"import:{id}";
        var there = await db.Products.AsNoTracking().Include(p => p.Variants).Include(p => p.Pictures).AsSplitQuery().SingleOrDefaultAsync(p => p.ExternalId == externalId, ct);
        var read = RowReader.Read(row, id, there, settings.DefaultStock);
        if (read.Error is { } unreadable) return unreadable.Message;
        if (ProductRules.FirstProblem(read.Value) is { } problem) return problem.Message;
        var shelf = row["type"] ?? (there is null ? "Other" : null);
        if (shelf?.Length > Category.MaxNameLength) return $"the type has more than {Category.MaxNameLength} characters";
        var (file, noPicture) = await pictures.FindAsync(row, id, ct);
        if (settings.DryRun)
        {
            if (await SkuProblemAsync(read.Value, there, ct) is { } taken) return taken;
            report.Count(there is null ? SaveOutcome.Created : SaveOutcome.Unchanged);
        }
        else
        {
            var draft = RowReader.WithPicture(read.Value, there, file) with { CategoryId = shelf is null ? there!.CategoryId : await EnsureShelfAsync(shelf, ct) };
            var saved = await editor.SaveAsync(draft, "import-products", ct);
            if (saved.Error is { } refusal) return refusal.Message;
            report.Count(saved.Value.Outcome);
        }
        if (noPicture is not null) report.WithoutPicture.Add(new(row.Line, noPicture));
        return null;
    }

    private async Task<string?> SkuProblemAsync(ProductDraft draft, Product? there, CancellationToken ct)
    {
        var (skus, own) = (draft.Variants.Select(v => v.Sku).ToList(), there?.Id ?? Guid.Empty);
        return await db.Variants.Where(v => skus.Contains(v.Sku) && v.ProductId != own).Select(v => v.Sku).FirstOrDefaultAsync(ct) is { } sku
            ? $"another product has the SKU {sku}" : null;
    }

    private async Task<Guid> EnsureShelfAsync(string name, CancellationToken ct)
    {
        var slug = Slug.Of(name);
        // Asked first, because a conflict that does nothing still tells every node that a shelf changed.
        if (await db.Categories.Where(c => c.Slug == slug).Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct) is { } id) return id;
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO categories (id, slug, name, description, position)
            SELECT {Guid.CreateVersion7(clock.GetUtcNow())}, {slug}, {name}, '', coalesce(max(position), 0) + 1 FROM categories ON CONFLICT (slug) DO NOTHING
            """, ct);
        return await db.Categories.Where(c => c.Slug == slug).Select(c => c.Id).SingleAsync(ct);
    }
}
