using System.Collections.Concurrent;

namespace Retail.Core.Catalog;

/// <summary>All published products at one moment; in a store with more than memory shall hold, only those with a flash sale. Never
/// changes, but for stock, which changes in place in its cards.</summary>
public sealed class CatalogSnapshot
{
    /// <summary>Before the first reading.</summary>
    public static readonly CatalogSnapshot Empty = new([], []);

    private readonly Dictionary<Guid, ProductCard> _byId;
    private readonly Dictionary<string, ProductCard> _bySlug;
    private readonly Dictionary<string, CategoryCard> _shelves;
    private readonly ProductCard[] _hidden;
    private readonly ConcurrentDictionary<ProductSort, ProductCard[]> _sorted = new();
    private readonly Lazy<ShopWindow> _window;

    /// <summary>Makes a snapshot of these products.</summary>
    /// <param name="categories">Shelves.</param>
    /// <param name="products">What it holds.</param>
    /// <param name="allBrands">The makers of all products, when it does not hold all; null when it does.</param>
    public CatalogSnapshot(IReadOnlyList<CategoryCard> categories, IReadOnlyList<ProductCard> products, IReadOnlyList<string>? allBrands = null)
    {
        IsWhole = allBrands is null;
        Categories = categories;
        _shelves = categories.ToDictionary(c => c.Slug, StringComparer.Ordinal);
        _byId = products.ToDictionary(p => p.Id);
        _bySlug = products.ToDictionary(p => p.Slug, StringComparer.Ordinal);
        (_hidden, All) = ([.. products.Where(p => p.DrillId is not null)], [.. products.Where(p => p.DrillId is null)]);
        Brands = [.. (allBrands ?? All.Select(p => p.Brand).Where(b => b.Length > 0).Distinct()).Order(StringComparer.OrdinalIgnoreCase)];
        var places = Brands.Select((name, i) => (name, i)).ToDictionary(b => b.name, b => b.i);
        var counts = new int[categories.Count];
        var flash = new List<ProductCard>();
        foreach (var product in products)
        {
            if (product.NextFlashChange is not null) flash.Add(product);
            if (product.DrillId is not null) continue;
            product.BrandIndex = places.GetValueOrDefault(product.Brand, -1);
            counts[product.Category.Index]++;
            if (!(product.UpdatedAt <= ChangedAt)) ChangedAt = product.UpdatedAt;
        }
        CountByCategory = counts;
        WithFlashSale = flash;
        _window = new(() => ShopWindow.Of(this));
    }

    /// <summary>It holds every product that is on sale; otherwise lists and pages are read from the database.</summary>
    public bool IsWhole { get; }

    /// <summary>Shelves, in the order of menus.</summary>
    public IReadOnlyList<CategoryCard> Categories { get; }

    /// <summary>Makers, by name.</summary>
    public IReadOnlyList<string> Brands { get; }

    /// <summary>Products of each shelf, by the shelf's index.</summary>
    public IReadOnlyList<int> CountByCategory { get; }

    /// <summary>Products with a flash sale that runs or is to come, those of drills too: <see cref="ProductCard.IsSeen"/> tells.</summary>
    public IReadOnlyList<ProductCard> WithFlashSale { get; }

    /// <summary>Number of products.</summary>
    public int Count => All.Length;

    /// <summary>When one of its products was changed last; null when there is none.</summary>
    public DateTimeOffset? ChangedAt { get; }

    /// <summary>What the home page shows.</summary>
    public ShopWindow Window => _window.Value;

    /// <summary>Lists that were asked for before; they live as long as the snapshot.</summary>
    internal ListMemo Memo { get; } = new();

    internal ProductCard[] All { get; }

    /// <summary>The product with this key, or null; one that was made for a drill is found on that drill's behalf alone.</summary>
    public ProductCard? Find(Guid id) => _byId.GetValueOrDefault(id) is { IsSeen: true } product ? product : null;

    /// <summary>The product with this name in the address bar, or null; as above.</summary>
    public ProductCard? Find(string slug) => _bySlug.GetValueOrDefault(slug) is { IsSeen: true } product ? product : null;

    /// <summary>The same for whoever changes stock, whoever may see it.</summary>
    internal ProductCard? FindAny(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>The shelf with this name in the address bar, or null.</summary>
    public CategoryCard? FindCategory(string slug) => _shelves.GetValueOrDefault(slug);

    /// <summary>All products in an order; sorted once. The order ends on the key, so that pages never overlap.</summary>
    public IReadOnlyList<ProductCard> Sorted(ProductSort sort) => _sorted.GetOrAdd(sort, static (by, all) =>
    {
        var sorted = (ProductCard[])all.Clone();
        Array.Sort(sorted, Comparer(by));
        return sorted;
    }, All);

    /// <summary>Products of the same shelf, the nearest in price first: "you may also like". Of two as near, the dearer one first.</summary>
    public IReadOnlyList<ProductCard> Related(ProductCard product, int count)
    {
        var byPrice = Sorted(ProductSort.PriceUp);
        var at = Array.BinarySearch((ProductCard[])byPrice, product, Comparer(ProductSort.PriceUp));
        if (at < 0) return [];
        var (dearer, cheaper) = (Neighbours(byPrice, at, 1, count), Neighbours(byPrice, at, -1, count));
        var related = new List<ProductCard>(count);
        for (int up = 0, down = 0; related.Count < count && (up < dearer.Count || down < cheaper.Count);)
            related.Add(down == cheaper.Count || (up < dearer.Count && dearer[up].PriceFrom - product.PriceFrom <= product.PriceFrom - cheaper[down].PriceFrom)
                ? dearer[up++] : cheaper[down++]);
        return related;
    }

    // A shelf may be rare: looking no further than some thousand neighbours keeps a page's cost the same in a large store.
    private static List<ProductCard> Neighbours(IReadOnlyList<ProductCard> byPrice, int at, int step, int count)
    {
        var found = new List<ProductCard>(count);
        for (int i = at + step, steps = 0; i >= 0 && i < byPrice.Count && found.Count < count && steps < 2000; i += step, steps++)
            if (byPrice[i].Category == byPrice[at].Category) found.Add(byPrice[i]);
        return found;
    }

    internal static Comparison<ProductCard> Order(ProductSort sort) => sort switch
    {
        ProductSort.PriceUp => (a, b) => Then(a.PriceFrom.CompareTo(b.PriceFrom), a, b),
        ProductSort.PriceDown => (a, b) => Then(b.PriceFrom.CompareTo(a.PriceFrom), a, b),
        ProductSort.Name => (a, b) => Then(string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase), a, b),
        ProductSort.Rating => (a, b) => b.Rating != a.Rating ? b.Rating.CompareTo(a.Rating) : Then(b.RatingCount.CompareTo(a.RatingCount), a, b),
        ProductSort.Newest or ProductSort.Relevance => (a, b) => Then(b.PublishedAt.CompareTo(a.PublishedAt), a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, "Not a sort."),
    };

    /// <summary>This snapshot with some products read again: those of <paramref name="ids"/> that are not in <paramref name="fresh"/> are gone.</summary>
    internal CatalogSnapshot With(IReadOnlyCollection<Guid> ids, IReadOnlyList<ProductCard> fresh)
    {
        var changed = ids as IReadOnlySet<Guid> ?? ids.ToHashSet();
        var products = new List<ProductCard>(All.Length + _hidden.Length + fresh.Count);
        foreach (var product in All)
            if (!changed.Contains(product.Id)) products.Add(product);
        foreach (var product in _hidden)
            if (!changed.Contains(product.Id)) products.Add(product);
        products.AddRange(fresh);
        return new CatalogSnapshot(Categories, products, IsWhole ? null : Brands);
    }

    private static Comparer<ProductCard> Comparer(ProductSort sort) => Comparer<ProductCard>.Create(Order(sort));

    private static int Then(int first, ProductCard a, ProductCard b) => first != 0 ? first : b.Id.CompareTo(a.Id);
}
