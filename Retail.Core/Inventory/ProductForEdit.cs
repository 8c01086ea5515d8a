using Microsoft.EntityFrameworkCore;
using Retail.Core.Catalog;
using Retail.Core.Data;

namespace Retail.Core.Inventory;

/// <summary>A product with all that an admin can change of it.</summary>
public sealed record ProductForEdit
{
    /// <summary>Key.</summary>
    public required Guid Id { get; init; }

    /// <inheritdoc cref="Product.Version"/>
    public required uint Version { get; init; }

    /// <inheritdoc cref="Product.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="Product.Slug"/>
    public required string Slug { get; init; }

    /// <inheritdoc cref="Product.Brand"/>
    public required string Brand { get; init; }

    /// <inheritdoc cref="Product.CategoryId"/>
    public required Guid CategoryId { get; init; }

    /// <inheritdoc cref="Product.Description"/>
    public required string Description { get; init; }

    /// <inheritdoc cref="Product.Attributes"/>
    public required IReadOnlyList<ProductAttribute> Attributes { get; init; }

    /// <inheritdoc cref="Product.OptionNames"/>
    public required IReadOnlyList<string> OptionNames { get; init; }

    /// <inheritdoc cref="Product.Featured"/>
    public required bool Featured { get; init; }

    /// <inheritdoc cref="Product.Status"/>
    public required ProductStatus Status { get; init; }

    /// <summary>The gallery, in order.</summary>
    public required IReadOnlyList<PictureForEdit> Pictures { get; init; }

    /// <summary>What is sold, in order; retired variants are not among them.</summary>
    public required IReadOnlyList<VariantForEdit> Variants { get; init; }
}

/// <summary>A picture of the gallery.</summary>
/// <param name="Id">Key.</param>
/// <param name="Hash">Name of its content.</param>
/// <param name="ContentType">As <see cref="PictureContent.ContentType"/>.</param>
/// <param name="Alt">What it shows.</param>
public sealed record PictureForEdit(Guid Id, string Hash, string ContentType, string Alt);

/// <summary>A variant.</summary>
/// <param name="Id">Key.</param>
/// <param name="Sku">Stock keeping unit.</param>
/// <param name="Gtin">GS1 number, or null.</param>
/// <param name="Options">Values of the options.</param>
/// <param name="Price">In the store's currency.</param>
/// <param name="CompareAt">Former price, or null.</param>
/// <param name="OnHand">Units in the warehouse.</param>
/// <param name="PictureId">The picture that shows it, or null.</param>
public sealed record VariantForEdit(Guid Id, string Sku, string? Gtin, IReadOnlyList<string> Options, decimal Price, decimal? CompareAt, int OnHand, Guid? PictureId);

/// <summary>Reads one product for the form that changes it.</summary>
public sealed class ProductEditQueries(RetailDbContext db)
{
    /// <summary>The product, or null.</summary>
    public Task<ProductForEdit?> FindAsync(Guid id, CancellationToken ct) => db.Products.AsNoTracking().AsSplitQuery().Where(p => p.Id == id).Select(p => new ProductForEdit
    {
        Id = p.Id,
        Version = p.Version,
        Name = p.Name,
        Slug = p.Slug,
        Brand = p.Brand,
        CategoryId = p.CategoryId,
        Description = p.Description,
        Attributes = p.Attributes,
        OptionNames = p.OptionNames,
        Featured = p.Featured,
        Status = p.Status,
        Pictures = p.Pictures.OrderBy(i => i.Position).Join(db.PictureContents, i => i.Hash, c => c.Hash, (i, c) => new PictureForEdit(i.Id, c.Hash, c.ContentType, i.Alt)).ToList(),
        Variants = p.Variants.Where(v => v.RetiredAt == null).OrderBy(v => v.Position).ThenBy(v => v.Sku).Select(v => new VariantForEdit(
            v.Id, v.Sku, v.Gtin, v.Options, v.Price.Amount, v.CompareAtAmount,
            db.StockItems.Where(s => s.VariantId == v.Id).Select(s => s.OnHand).FirstOrDefault(), v.PictureId)).ToList(),
    }).SingleOrDefaultAsync(ct);

    /// <summary>The row version now, to save over what somebody else saved; null when the product is gone.</summary>
    public async Task<uint?> VersionAsync(Guid id, CancellationToken ct) =>
        await db.Products.Where(p => p.Id == id).Select(p => (uint?)p.Version).SingleOrDefaultAsync(ct);
}
