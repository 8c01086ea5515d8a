using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Retail.Core.Common;
using Retail.Core.Flags;

namespace Retail.Core.Catalog;

/// <summary>
/// What pages ask of the catalogue. Answered from memory, only a new search text asks the database; with the PRODUCTS flag off, or
/// with more products than memory shall hold, read straight from the database. Both ways give the same.
/// </summary>
public sealed class CatalogQueries(CatalogModel model, CatalogSearch search, DirectList list, DirectPages pages, FeatureFlags flags, SearchCounts searches, ILogger<CatalogQueries> logger)
{
    private const int BrandsShown = 12;

    /// <summary>A page of the products that a shopper wants to see, and the filters beside it.</summary>
    public async Task<ProductList> ListAsync(ListQuery query, CancellationToken ct)
    {
        var snapshot = model.Snapshot;
        query = query with { Search = string.Join(' ', query.Search.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant() };
        var answer = IsFromMemory(snapshot) ? await FromMemoryAsync(snapshot, query, ct) : await FromDatabaseAsync(snapshot, query, ct);
        logger.Listed(answer.Page.Total, answer.Page.Number, answer.Page.Pages);
        return answer;
    }

    /// <summary>The product with this name in the address bar, or null when it is not on sale.</summary>
    public async ValueTask<ProductCard?> FindAsync(string slug, CancellationToken ct) =>
        model.Snapshot is var snapshot && IsFromMemory(snapshot) ? snapshot.Find(slug) : (await pages.FindAsync([slug], snapshot, ct)).SingleOrDefault();

    /// <summary>The product with this key, or null when it is not on sale.</summary>
    public async ValueTask<ProductCard?> FindAsync(Guid id, CancellationToken ct) =>
        model.Snapshot is var snapshot && IsFromMemory(snapshot) ? snapshot.Find(id) : (await pages.ReadAsync([id], snapshot, ct)).SingleOrDefault();

    /// <summary>Those of the named products that are on sale, by their names in the address bar.</summary>
    public async ValueTask<IReadOnlyDictionary<string, ProductCard>> FindAllAsync(IEnumerable<string> slugs, CancellationToken ct)
    {
        var snapshot = model.Snapshot;
        var named = slugs.Distinct().ToArray();
        var found = IsFromMemory(snapshot) ? named.Select(snapshot.Find).OfType<ProductCard>() : await pages.FindAsync(named, snapshot, ct);
        return found.ToDictionary(p => p.Slug);
    }

    /// <summary>Products of the same shelf, the nearest in price first.</summary>
    public async ValueTask<IReadOnlyList<ProductCard>> RelatedAsync(ProductCard product, int count, CancellationToken ct) =>
        model.Snapshot is var snapshot && IsFromMemory(snapshot) ? snapshot.Related(product, count) : await pages.RelatedAsync(product, count, snapshot, ct);

    /// <summary>What the home page shows.</summary>
    public async ValueTask<ShopWindow> WindowAsync(CancellationToken ct) =>
        model.Snapshot is var snapshot && IsFromMemory(snapshot) ? snapshot.Window : await pages.WindowAsync(snapshot, ct);

    /// <summary>Every product on sale, newest first, however many there are.</summary>
    public async IAsyncEnumerable<ProductCard> AllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var snapshot = model.Snapshot;
        if (IsFromMemory(snapshot))
        {
            foreach (var product in snapshot.Sorted(ProductSort.Newest))
            {
                ct.ThrowIfCancellationRequested();
                yield return product;
            }
            yield break;
        }
        await foreach (var product in pages.AllAsync(snapshot, ct)) yield return product;
    }

    /// <summary>How many products are on sale, and when one was changed last.</summary>
    public async ValueTask<(int Products, DateTimeOffset? Changed)> SizeAsync(CancellationToken ct) =>
        model.Snapshot is var snapshot && IsFromMemory(snapshot) ? (snapshot.Count, snapshot.ChangedAt) : await pages.SizeAsync(ct);

    /// <summary>The names of products in the address bar, newest first, with their last changes.</summary>
    public async IAsyncEnumerable<(string Slug, DateTimeOffset Changed)> AddressesAsync(int from, int most, [EnumeratorCancellation] CancellationToken ct)
    {
        var snapshot = model.Snapshot;
        if (!IsFromMemory(snapshot))
        {
            await foreach (var address in pages.AddressesAsync(from, most, ct)) yield return address;
            yield break;
        }
        var all = snapshot.Sorted(ProductSort.Newest);
        for (var i = from; i < all.Count && i < from + most; i++) yield return (all[i].Slug, all[i].UpdatedAt);
    }

    private bool IsFromMemory(CatalogSnapshot snapshot) => snapshot.IsWhole && flags.IsOn(FeatureFlag.Products);

    private async Task<ProductList> FromMemoryAsync(CatalogSnapshot snapshot, ListQuery query, CancellationToken ct)
    {
        // The asking caller may leave; others wait for the same answer.
        var hits = query.Search.Length == 0 ? null : await snapshot.Memo.SearchAsync(query.Search, () => search.FindAsync(query.Search, CancellationToken.None)).WaitAsync(ct);
        if (hits is not null) searches.Add(found: hits.Ids.Count > 0);
        var found = snapshot.Memo.List(query.Key(model.Version), () => Filter(snapshot, query, hits));
        var number = PageNumber(query, found.Products.Count);
        var items = new List<ProductCard>(ListQuery.PageSize);
        for (var i = (number - 1) * ListQuery.PageSize; i < found.Products.Count && items.Count < ListQuery.PageSize; i++) items.Add(found.Products[i]);
        return Answer(snapshot, query, hits, new(items, number, ListQuery.PageSize, found.Products.Count), found.ByCategory, found.ByBrand, found.ByPrice);
    }

    private async Task<ProductList> FromDatabaseAsync(CatalogSnapshot snapshot, ListQuery query, CancellationToken ct)
    {
        var hits = query.Search.Length == 0 ? null : await search.FindAsync(query.Search, ct);
        if (hits is not null) searches.Add(found: hits.Ids.Count > 0);
        var counts = await list.CountAsync(query, snapshot, hits, model.Version, ct);
        var number = PageNumber(query, counts.Total);
        var items = await pages.ReadAsync(await list.PageAsync(query, snapshot.FindCategory(query.Category), hits, number, ct), snapshot, ct);
        return Answer(snapshot, query, hits, new(items, number, ListQuery.PageSize, counts.Total), counts.ByCategory, counts.ByBrand, counts.ByPrice);
    }

    private static int PageNumber(ListQuery query, int total) => Math.Clamp(query.Page, 1, Math.Max(1, (total + ListQuery.PageSize - 1) / ListQuery.PageSize));

    private static ProductList Answer(CatalogSnapshot snapshot, ListQuery query, SearchHits? hits, PageOf<ProductCard> page, int[] byCategory, int[] byBrand, int[] byPrice) => new(
        page,
        [.. snapshot.Categories.Select(c => new Facet(c.Slug, c.Name, byCategory[c.Index], c.Slug == query.Category))],
        BrandFacets(snapshot, query, byBrand),
        PriceFacets(query, byPrice),
        hits is { Corrected: true, Ids.Count: > 0 },
        hits is { Capped: true });

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
