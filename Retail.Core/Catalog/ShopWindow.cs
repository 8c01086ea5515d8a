namespace Retail.Core.Catalog;

/// <summary>What the home page shows. Of a snapshot it is computed once, because it looks at every product.</summary>
/// <param name="Featured">Featured products that can be bought, newest first; the newest of all when none is featured.</param>
/// <param name="Covers">For each shelf, by its index: a product with a picture to stand for it, or null.</param>
/// <param name="CountByCategory">Products of each shelf, by its index.</param>
/// <param name="Newest">The newest products that are not featured.</param>
/// <param name="WithFlashSale">Products with a flash sale that runs or is to come.</param>
public sealed record ShopWindow(
    IReadOnlyList<ProductCard> Featured, IReadOnlyList<ProductCard?> Covers, IReadOnlyList<int> CountByCategory, IReadOnlyList<ProductCard> Newest,
    IReadOnlyList<ProductCard> WithFlashSale)
{
    /// <summary>The most new products that are shown.</summary>
    public const int MaxNewest = 8;

    /// <summary>The most featured products that are shown.</summary>
    public const int MaxFeatured = 8;

    internal static ShopWindow Of(CatalogSnapshot snapshot)
    {
        var featured = new List<ProductCard>(MaxFeatured);
        var newest = new List<ProductCard>(MaxNewest);
        var covers = new ProductCard?[snapshot.Categories.Count];
        foreach (var product in snapshot.Sorted(ProductSort.Newest))
        {
            if (product.Featured && featured.Count < MaxFeatured && product.Available > 0) featured.Add(product);
            if (!product.Featured && newest.Count < MaxNewest) newest.Add(product);
            // One that is not featured, so that a shelf's cover is not beside itself on the page.
            ref var cover = ref covers[product.Category.Index];
            if (product.Pictures.Count > 0 && (cover is null || (cover.Featured && !product.Featured))) cover = product;
        }
        return new ShopWindow(
            featured.Count > 0 ? featured : [.. snapshot.Sorted(ProductSort.Newest).Take(MaxFeatured)], covers, snapshot.CountByCategory, newest, [.. snapshot.WithFlashSale.Where(p => p.DrillId is null)]);
    }
}
