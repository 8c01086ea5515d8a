using Microsoft.EntityFrameworkCore;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Inventory;

/// <summary>What a list of products is sorted by.</summary>
public enum ProductListSort
{
    /// <summary>By name.</summary>
    Name,

    /// <summary>By the last change.</summary>
    Updated,

    /// <summary>By the lowest price.</summary>
    Price,

    /// <summary>By the units that can be sold.</summary>
    Stock,
}

/// <summary>Which products an admin wants to see.</summary>
public sealed record ProductFilter
{
    /// <summary>A part of the name or brand, or the start of a SKU; empty for all.</summary>
    public string Search { get; init; } = "";

    /// <summary>Only these; null for all.</summary>
    public ProductStatus? Status { get; init; }

    /// <summary>Only on this shelf; null for all.</summary>
    public Guid? CategoryId { get; init; }

    /// <summary>Only products with a variant that has at most so many units; null for all.</summary>
    public int? StockUpTo { get; init; }

    /// <summary>What decides the order of rows.</summary>
    public ProductListSort Sort { get; init; } = ProductListSort.Updated;

    /// <summary>Highest or newest first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;
}

/// <summary>A product in the admin's list.</summary>
public sealed record ProductRow
{
    /// <summary>Key.</summary>
    public required Guid Id { get; init; }

    /// <summary>What people read.</summary>
    public required string Name { get; init; }

    /// <summary>Maker, or empty.</summary>
    public required string Brand { get; init; }

    /// <summary>Name of the shelf.</summary>
    public required string Category { get; init; }

    /// <summary>Whether shoppers see it.</summary>
    public required ProductStatus Status { get; init; }

    /// <summary>Last change, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Number of its variants.</summary>
    public required int Variants { get; init; }

    /// <summary>Lowest price; null without variants.</summary>
    public required decimal? PriceFrom { get; init; }

    /// <summary>Highest price; null without variants.</summary>
    public required decimal? PriceTo { get; init; }

    /// <summary>Units of all variants that can be sold.</summary>
    public required int Stock { get; init; }

    /// <summary>Address of its first picture, or null.</summary>
    public string? Picture { get; init; }
}

/// <summary>Reads products as admins see them: drafts and archived ones too.</summary>
public sealed class ProductAdminQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    /// <summary>A page of the products that fit.</summary>
    public async Task<PageOf<ProductRow>> ListAsync(ProductFilter filter, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var products = Matching(filter);
        var total = await products.CountAsync(ct);
        var page = Math.Clamp(filter.Page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await Sorted(products.AsNoTracking(), filter).Skip((page - 1) * PageSize).Take(PageSize).Select(p => new
        {
            p.Id,
            p.Name,
            p.Brand,
            p.Status,
            p.UpdatedAt,
            Category = db.Categories.Where(c => c.Id == p.CategoryId).Select(c => c.Name).First(),
            Variants = p.Variants.Count(v => v.RetiredAt == null),
            PriceFrom = p.Variants.Where(v => v.RetiredAt == null).Min(v => (decimal?)v.Price.Amount),
            PriceTo = p.Variants.Where(v => v.RetiredAt == null).Max(v => (decimal?)v.Price.Amount),
            Stock = p.Variants.Where(v => v.RetiredAt == null).Join(db.StockItems, v => v.Id, s => s.VariantId, (v, s) => s.OnHand - s.Reserved).Sum(),
            Picture = db.ProductPictures.Where(i => i.ProductId == p.Id).OrderBy(i => i.Position)
                .Join(db.PictureContents, i => i.Hash, c => c.Hash, (i, c) => new { c.Hash, c.ContentType }).FirstOrDefault(),
        }).ToListAsync(ct);
        return new([.. rows.Select(r => new ProductRow
        {
            Id = r.Id,
            Name = r.Name,
            Brand = r.Brand,
            Category = r.Category,
            Status = r.Status,
            UpdatedAt = r.UpdatedAt,
            Variants = r.Variants,
            PriceFrom = r.PriceFrom,
            PriceTo = r.PriceTo,
            Stock = r.Stock,
            Picture = r.Picture is null ? null : PicturePath.Of(r.Picture.Hash, r.Picture.ContentType),
        })], page, PageSize, total);
    }

    private IQueryable<Product> Matching(ProductFilter filter)
    {
        var products = db.Products.Where(p => p.DrillId == null);
        if (filter.Status is { } status) products = products.Where(p => p.Status == status);
        if (filter.CategoryId is { } shelf) products = products.Where(p => p.CategoryId == shelf);
        if (filter.StockUpTo is { } units)
            products = products.Where(p => p.Variants.Any(v => v.RetiredAt == null && db.StockItems.Any(s => s.VariantId == v.Id && s.OnHand - s.Reserved <= units)));
        var search = filter.Search.Trim();
        if (search.Length == 0) return products;
        var (anywhere, start) = (Like.Containing(search), Like.StartingWith(search));
        return products.Where(p => EF.Functions.ILike(p.Name, anywhere) || EF.Functions.ILike(p.Brand, anywhere)
            || p.Variants.Any(v => v.RetiredAt == null && EF.Functions.ILike(v.Sku, start)));
    }

    // Each order of rows ends on the key, so that pages never overlap.
    private IQueryable<Product> Sorted(IQueryable<Product> products, ProductFilter filter) => (filter.Sort, filter.Descending) switch
    {
        (ProductListSort.Name, false) => products.OrderBy(p => p.Name).ThenBy(p => p.Id),
        (ProductListSort.Name, true) => products.OrderByDescending(p => p.Name).ThenByDescending(p => p.Id),
        (ProductListSort.Updated, false) => products.OrderBy(p => p.UpdatedAt).ThenBy(p => p.Id),
        (ProductListSort.Updated, true) => products.OrderByDescending(p => p.UpdatedAt).ThenByDescending(p => p.Id),
        (ProductListSort.Price, false) => products.OrderBy(p => p.Variants.Where(v => v.RetiredAt == null).Min(v => (decimal?)v.Price.Amount) ?? 0).ThenBy(p => p.Id),
        (ProductListSort.Price, true) => products.OrderByDescending(p => p.Variants.Where(v => v.RetiredAt == null).Min(v => (decimal?)v.Price.Amount) ?? 0).ThenByDescending(p => p.Id),
        (ProductListSort.Stock, false) => products.OrderBy(p => p.Variants.Where(v => v.RetiredAt == null).Join(db.StockItems, v => v.Id, s => s.VariantId, (v, s) => s.OnHand - s.Reserved).Sum()).ThenBy(p => p.Id),
        (ProductListSort.Stock, true) => products.OrderByDescending(p => p.Variants.Where(v => v.RetiredAt == null).Join(db.StockItems, v => v.Id, s => s.VariantId, (v, s) => s.OnHand - s.Reserved).Sum()).ThenByDescending(p => p.Id),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Sort, "Not a sort."),
    };
}
