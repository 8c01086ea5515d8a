using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Inventory;

/// <summary>Saves a product with its variants, pictures and stock in one transaction. Saving the same again changes nothing.</summary>
public sealed class ProductEditor(RetailDbContext db, InventoryService inventory, CatalogModel catalog, IOptions<StoreOptions> store, TimeProvider clock)
{
    private static readonly ServiceError ChangedMeanwhile = new(Refusal.Conflict, "changed_meanwhile",
        "Somebody else changed this product while you were editing it. Open it again in another tab, compare, and save once more.");

    /// <summary>Makes or changes a product. After this, the next page view of this node shows it.</summary>
    /// <param name="draft">How it is to be.</param>
    /// <param name="by">Who or what saves, for the stock ledger.</param>
    /// <param name="ct">Stops the work; nothing is then changed.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<SavedProduct>> SaveAsync(ProductDraft draft, string by, CancellationToken ct)
    {
        if (ProductRules.FirstProblem(draft) is { } problem) return problem;
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow();
        var existing = await FindAsync(draft, ct);
        if (existing is null && draft.Id is not null) return new ServiceError(Refusal.NotFound, "unknown_product", "This product is no longer there. Go back to the list.");
        if (await TakenAsync(draft, existing, ct) is { } taken) return taken;
        // In key order and before anything else is locked, as the order intake does: neither waits for the other in a circle.
        if (existing is not null)
            await db.Database.ExecuteSqlAsync($"SELECT 1 FROM stock_items WHERE variant_id = ANY({existing.Variants.Select(v => v.Id).ToArray()}) ORDER BY variant_id FOR NO KEY UPDATE", ct);
        var product = existing ?? new Product { Id = Guid.CreateVersion7(now), Slug = "", Name = draft.Name, ExternalId = draft.ExternalId, DrillId = DrillScope.Current, CreatedAt = now };
        if (existing is null) db.Products.Add(product);
        else if (draft.Version is { } version) db.ExpectVersion(product, version);

        product.Name = draft.Name.Trim();
        product.Slug = draft.Slug is { Length: > 0 } slug ? Slug.Of(slug) : product.Slug is { Length: > 0 } kept ? kept : await FreeSlugAsync(draft.Name, ct);
        product.Brand = draft.Brand.Trim();
        product.CategoryId = draft.CategoryId;
        // What a partner wrote as HTML is made safe again, whoever edits it; what our own people write is text.
        (product.Description, product.DescriptionIsHtml) = product.DescriptionIsHtml
            ? DescriptionText.Of(draft.Description) : (draft.Description.Trim().ReplaceLineEndings("\n"), false);
        product.Attributes = draft.Attributes;
        product.OptionNames = draft.OptionNames;
        product.Featured = draft.Featured;
        var pictures = await ApplyPicturesAsync(product, draft, now, ct);
        ApplyVariants(product, draft, pictures, now);
        ApplyStatus(product, draft.Status, now);
        var changed = db.ChangeTracker.HasChanges();
        if (changed) product.UpdatedAt = now;
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return ChangedMeanwhile;
        }
        catch (DbUpdateException e) when (e.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            return ChangedMeanwhile;   // a slug or SKU that was free when we looked
        }
        for (var i = 0; i < draft.Variants.Count; i++)
        {
            var stock = await BookStockAsync(product, draft.Variants[i], by, ct);
            if (stock.Error is { } refusal) return refusal with { Field = $"Variants[{i}].Stock" };
            changed |= stock.Value;
        }
        await transaction.CommitAsync(ct);
        if (changed) await catalog.RefreshAsync([product.Id], CancellationToken.None);
        return new SavedProduct(product.Id, product.Slug, existing is null ? SaveOutcome.Created : changed ? SaveOutcome.Changed : SaveOutcome.Unchanged);
    }

    /// <summary>Publishes, unpublishes or archives a product, and nothing else.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> SetStatusAsync(Guid productId, ProductStatus status, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        if (await db.Products.Include(p => p.Variants).SingleOrDefaultAsync(p => p.Id == productId, ct) is not { } product)
            return new ServiceError(Refusal.NotFound, "unknown_product", "This product is no longer there. Go back to the list.");
        if (status == ProductStatus.Published && !product.CanBePublished)
            return new ServiceError(Refusal.Conflict, "nothing_to_sell", "Add a variant before publishing: it has the price and the stock.");
        ApplyStatus(product, status, clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return ChangedMeanwhile;
        }
        await catalog.RefreshAsync([productId], CancellationToken.None);
        return ServiceResult.Done;
    }

    private async Task<Product?> FindAsync(ProductDraft draft, CancellationToken ct)
    {
        var products = db.Products.Include(p => p.Variants).Include(p => p.Pictures).AsSplitQuery();
        return draft.Id is { } id ? await products.SingleOrDefaultAsync(p => p.Id == id, ct)
            : draft.ExternalId is { } external ? await products.SingleOrDefaultAsync(p => p.ExternalId == external, ct) : null;
    }

    private async Task<ServiceError?> TakenAsync(ProductDraft draft, Product? existing, CancellationToken ct)
    {
        var own = existing?.Id ?? Guid.Empty;
        if (!await db.Categories.AnyAsync(c => c.Id == draft.CategoryId, ct)) return new(Refusal.Invalid, "unknown_category", "Choose a category.", "CategoryId");
        if (draft.Slug is { Length: > 0 } wanted)
        {
            var slug = Slug.Of(wanted);
            if (await db.Products.AnyAsync(p => p.Slug == slug && p.Id != own, ct))
                return new(Refusal.Conflict, "slug_taken", $"Another product has the address \u201c{slug}\u201d. Choose another one.", "Slug");
        }
        var skus = draft.Variants.Select(v => v.Sku.Trim()).ToList();
        var sku = await db.Variants.Where(v => skus.Contains(v.Sku) && v.ProductId != own).Select(v => v.Sku).FirstOrDefaultAsync(ct);
        return sku is null ? null : new(Refusal.Conflict, "sku_taken", $"Another product has the SKU {sku}. Choose one that no other has.", $"Variants[{skus.IndexOf(sku)}].Sku");
    }

    private async Task<string> FreeSlugAsync(string name, CancellationToken ct)
    {
        var slug = Slug.Of(name);
        var taken = (await db.Products.Where(p => p.Slug == slug || p.Slug.StartsWith(slug + "-")).Select(p => p.Slug).ToListAsync(ct)).ToHashSet();
        if (!taken.Contains(slug)) return slug;
        for (var i = 2; ; i++)
            if (!taken.Contains($"{slug}-{i}")) return $"{slug}-{i}";
    }

    private async Task<List<Guid>> ApplyPicturesAsync(Product product, ProductDraft draft, DateTimeOffset now, CancellationToken ct)
    {
        var ids = new List<Guid>(draft.Pictures.Count);
        foreach (var wanted in draft.Pictures)
        {
            var hash = wanted.File is { } file ? await StoreAsync(file, ct) : null;
            var picture = product.Pictures.Find(p => !ids.Contains(p.Id) && (wanted.Id is { } id ? p.Id == id : p.Hash == hash));
            if (picture is null && hash is not null)
            {
                picture = new ProductPicture { Id = Guid.CreateVersion7(now), ProductId = product.Id, Hash = hash };
                product.Pictures.Add(picture);
                db.Entry(picture).State = EntityState.Added;   // its key is set, so EF would take it for one that is there
            }
            if (picture is null) continue;   // removed in another tab
            (picture.Position, picture.Alt) = (ids.Count, wanted.Alt.Trim());
            ids.Add(picture.Id);
        }
        product.Pictures.RemoveAll(p => !ids.Contains(p.Id));
        return ids;
    }

    private void ApplyVariants(Product product, ProductDraft draft, List<Guid> pictures, DateTimeOffset now)
    {
        var kept = new HashSet<Guid>();
        for (var i = 0; i < draft.Variants.Count; i++)
        {
            var wanted = draft.Variants[i];
            var sku = wanted.Sku.Trim();
            var variant = product.Variants.Find(v => wanted.Id is { } id ? v.Id == id : v.Sku == sku);
            if (variant is null)
            {
                variant = new Variant { Id = Guid.CreateVersion7(now), ProductId = product.Id, Sku = sku };
                product.Variants.Add(variant);
                db.Entry(variant).State = EntityState.Added;
            }
            kept.Add(variant.Id);
            (variant.Sku, variant.Gtin, variant.Position, variant.RetiredAt) = (sku, wanted.Gtin, i, null);
            if (!variant.Options.SequenceEqual(wanted.Options)) variant.Options = [.. wanted.Options];
            var price = new Money(wanted.Price, store.Value.Currency);
            if (variant.Price != price) variant.Price = price;
            variant.CompareAtAmount = wanted.CompareAt;
            variant.PictureId = wanted.PictureIndex is { } picture && picture < pictures.Count ? pictures[picture] : null;
        }
        // Kept in the table, because orders and the ledger refer to them.
        foreach (var gone in product.Variants.Where(v => !kept.Contains(v.Id))) gone.RetiredAt ??= now;
    }

    private static void ApplyStatus(Product product, ProductStatus status, DateTimeOffset now)
    {
        if (product.Status == status) return;
        switch (status)
        {
            case ProductStatus.Published: product.Publish(now); break;
            case ProductStatus.Draft: product.Unpublish(now); break;
            case ProductStatus.Archived: product.Archive(now); break;
            default: throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status.");
        }
    }

    private async Task<string> StoreAsync(PictureFile file, CancellationToken ct)
    {
        var hash = PictureContent.HashOf(file.Bytes);
        await db.Database.ExecuteSqlAsync($"INSERT INTO picture_contents (hash, content_type, bytes) VALUES ({hash}, {file.ContentType}, {file.Bytes}) ON CONFLICT DO NOTHING", ct);
        return hash;
    }

    private Task<ServiceResult<bool>> BookStockAsync(Product product, VariantDraft wanted, string by, CancellationToken ct)
    {
        var sku = wanted.Sku.Trim();
        var variant = product.Variants.Single(v => v.Sku == sku);
        return wanted.Stock is { } stock && wanted.StockShown is null ? inventory.SetOnHandAsync(variant.Id, stock, by, ct)
            : inventory.AdjustAsync(variant.Id, wanted.Stock - wanted.StockShown ?? 0, by, ct);
    }
}
