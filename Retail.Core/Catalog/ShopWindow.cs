namespace Retail.Core.Catalog;

/// <summary>What the home page shows of a snapshot. Computed once, because it looks at every product.</summary>
/// <param name="Featured">Featured products that can be bought, newest first; the newest of all when none is featured.</param>
/// <param name="Covers">For each shelf, by its index: a product with a picture to stand for it, or null.</param>
public sealed record ShopWindow(IReadOnlyList<ProductCard> Featured, IReadOnlyList<ProductCard?> Covers)
{
    /// <summary>The most featured products that are shown.</summary>
    public const int MaxFeatured = 8;

    internal static ShopWindow Of(CatalogSnapshot snapshot)
    {
        var featured = new List<ProductCard>(MaxFeatured);
        var covers = new ProductCard?[snapshot.Categories.Count];
        foreach (var product in snapshot.Sorted(ProductSort.Newest))
        {
            if (product.Featured && featured.Count < MaxFeatured && product.Available > 0) featured.Add(product);
            // One that is not featured, so that a shelf's cover is not beside itself on the page.
            ref var cover = ref covers[product.Category.Index];
            if (product.Pictures.Count > 0 && (cover is null || (cover.Featured && !product.Featured))) cover = product;
        }
        return new ShopWindow(featured.Count > 0 ? featured : [.. snapshot.Sorted(ProductSort.Newest).Take(MaxFeatured)], covers);
    }
}
