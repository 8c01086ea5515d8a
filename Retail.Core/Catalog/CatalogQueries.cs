using Retail.Core.Common;

namespace Retail.Core.Catalog;

/// <summary>What pages ask of the catalogue, answered from memory; only a new search text asks the database.</summary>
public sealed class CatalogQueries(CatalogModel model, CatalogSearch search, SearchCounts searches)
{
    private const int BrandsShown = 12;

    /// <summary>A page of the products that a shopper wants to see, and the filters beside it.</summary>
    public async Task<ProductList> ListAsync(ListQuery query, CancellationToken ct)
    {
        var snapshot = model.Snapshot;
        var text = string.Join(' ', query.Search.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
        // The asking caller may leave; others wait for the same answer.
        var hits = text.Length == 0 ? null : await snapshot.Memo.SearchAsync(text, () => search.FindAsync(text, CancellationToken.None)).WaitAsync(ct);
        if (hits is not null) searches.Add(found: hits.Ids.Count > 0);
        query = query with { Search = text };
        var list = snapshot.Memo.List(query.Key(model.Version), () => Filter(snapshot, query, hits));
        var pages = Math.Max(1, (list.Products.Count + ListQuery.PageSize - 1) / ListQuery.PageSize);
        var number = Math.Clamp(query.Page, 1, pages);
        var items = new List<ProductCard>(ListQuery.PageSize);
        for (var i = (number - 1) * ListQuery.PageSize; i < list.Products.Count && items.Count < ListQuery.PageSize; i++) items.Add(list.Products[i]);
        return new ProductList(
            new PageOf<ProductCard>(items, number, ListQuery.PageSize, list.Products.Count),
            [.. snapshot.Categories.Select(c => new Facet(c.Slug, c.Name, list.ByCategory[c.Index], c.Slug == query.Category))],
            BrandFacets(snapshot, query, list.ByBrand),
            PriceFacets(query, list.ByPrice),
            hits is { Corrected: true, Ids.Count: > 0 },
            hits is { Capped: true });
    }

    private static FilteredList Filter(CatalogSnapshot snapshot, ListQuery query, SearchHits? hits)
    {
        var candidates = hits is null ? snapshot.Sorted(query.Sort) : Found(snapshot, hits, query.Sort);
        var shelf = query.Category.Length == 0 ? null : snapshot.FindCategory(query.Category);
        var brands = query.Brands.ToHashSet(StringComparer.Ordinal);
        var products = new List<ProductCard>();
        var (byCategory, byBrand, byPrice) = (new int[snapshot.Categories.Count], new int[snapshot.Brands.Count], new int[ListQuery.PriceSteps.Count + 1]);
        foreach (var product in candidates)
        {
            if (query.InStock && product.Available == 0) continue;
            var onShelf = query.Category.Length == 0 || product.Category == shelf;
            var ofBrand = brands.Count == 0 || brands.Contains(product.Brand);
            var atPrice = query.TakesPrice(product.PriceFrom);
            // Each filter counts what it would show with all others as they are.
            if (ofBrand && atPrice) byCategory[product.Category.Index]++;
            if (onShelf && atPrice && product.BrandIndex >= 0) byBrand[product.BrandIndex]++;
            if (onShelf && ofBrand) byPrice[PriceStep(product.PriceFrom)]++;
            if (onShelf && ofBrand && atPrice) products.Add(product);
        }
        return new FilteredList(products, byCategory, byBrand, byPrice);
    }

    private static List<ProductCard> Found(CatalogSnapshot snapshot, SearchHits hits, ProductSort sort)
    {
        var found = new List<ProductCard>(hits.Ids.Count);
        foreach (var id in hits.Ids)
            if (snapshot.Find(id) is { } product) found.Add(product);
        if (sort != ProductSort.Relevance) found.Sort(CatalogSnapshot.Order(sort));
        return found;
    }

    private static int PriceStep(decimal price)
    {
        var step = 0;
        while (step < ListQuery.PriceSteps.Count && price >= ListQuery.PriceSteps[step]) step++;
        return step;
    }

    private static List<Facet> BrandFacets(CatalogSnapshot snapshot, ListQuery query, int[] counts)
    {
        var chosen = query.Brands.ToHashSet(StringComparer.Ordinal);
        return [.. counts.Select((count, i) => new Facet(snapshot.Brands[i], snapshot.Brands[i], count, chosen.Contains(snapshot.Brands[i])))
            .Where(f => f.Count > 0 || f.Selected)
            .OrderByDescending(f => f.Selected).ThenByDescending(f => f.Count).ThenBy(f => f.Name, StringComparer.OrdinalIgnoreCase)
            .Take(Math.Max(BrandsShown, chosen.Count))];
    }

    private static List<PriceFacet> PriceFacets(ListQuery query, int[] counts)
    {
        var facets = new List<PriceFacet>(counts.Length);
        for (var i = 0; i < counts.Length; i++)
        {
            decimal? from = i == 0 ? null : ListQuery.PriceSteps[i - 1];
            decimal? to = i == ListQuery.PriceSteps.Count ? null : ListQuery.PriceSteps[i];
            facets.Add(new(from, to, counts[i], query.MinPrice == from && query.MaxPrice == to && (from ?? to) is not null));
        }
        return facets;
    }
}
