using Retail.Core.Common;

namespace Retail.Core.Catalog;

/// <summary>How a list of products is ordered.</summary>
public enum ProductSort
{
    /// <summary>Best match first; without a search, newest first.</summary>
    Relevance,

    /// <summary>Newest first.</summary>
    Newest,

    /// <summary>Cheapest first.</summary>
    PriceUp,

    /// <summary>Dearest first.</summary>
    PriceDown,

    /// <summary>A to Z.</summary>
    Name,

    /// <summary>Best rated first.</summary>
    Rating,
}

/// <summary>What a shopper wants to see; the address bar holds all of it.</summary>
public sealed record ListQuery
{
    /// <summary>Products on a page: divides by 2, 3 and 4 columns.</summary>
    public const int PageSize = 24;

    /// <summary>The longest search text, in characters.</summary>
    public const int MaxSearchLength = 100;

    /// <summary>Words to search for; empty for all products.</summary>
    public string Search { get; init; } = "";

    /// <summary>Slug of a shelf, or empty.</summary>
    public string Category { get; init; } = "";

    /// <summary>Makers; none means any.</summary>
    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>Lowest price, inclusive.</summary>
    public decimal? MinPrice { get; init; }

    /// <summary>Highest price, exclusive when it is a step of <see cref="PriceSteps"/>, so that steps don't overlap.</summary>
    public decimal? MaxPrice { get; init; }

    /// <summary>Only what can be bought now.</summary>
    public bool InStock { get; init; }

    /// <summary>In which order.</summary>
    public ProductSort Sort { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>The limits between the price ranges that a list offers.</summary>
    public static IReadOnlyList<decimal> PriceSteps { get; } = [25, 50, 100, 200];

    /// <summary>Something narrows the list.</summary>
    public bool IsFiltered => Category.Length > 0 || Brands.Count > 0 || MinPrice is not null || MaxPrice is not null || InStock;

    internal bool TakesPrice(decimal price) => (MinPrice is null || price >= MinPrice) && (MaxPrice is null || price < MaxPrice || (price == MaxPrice && !PriceSteps.Contains(price)));

    /// <summary>All but the page, as a key.</summary>
    internal string Key(long stockVersion) => string.Join('\u001f',
        [Search, Category, MinPrice?.ToString("0.00", null) ?? "", MaxPrice?.ToString("0.00", null) ?? "", InStock ? $"{stockVersion}" : "", ((int)Sort).ToString((IFormatProvider?)null), .. Brands.Order(StringComparer.Ordinal)]);
}

/// <summary>A filter that can be chosen, and how many products it would show.</summary>
/// <param name="Value">What goes into the address.</param>
/// <param name="Name">What people read.</param>
/// <param name="Count">Products, with all other filters as they are.</param>
/// <param name="Selected">It is chosen now.</param>
public sealed record Facet(string Value, string Name, int Count, bool Selected);

/// <summary>A range of prices that can be chosen.</summary>
/// <param name="From">Inclusive; null for no lower limit.</param>
/// <param name="To">Exclusive; null for no upper limit.</param>
/// <param name="Count">Products in it, with all other filters as they are.</param>
/// <param name="Selected">It is chosen now.</param>
public sealed record PriceFacet(decimal? From, decimal? To, int Count, bool Selected);

/// <summary>A page of products and the filters that go with it.</summary>
/// <param name="Page">The products.</param>
/// <param name="Categories">Shelves with counts.</param>
/// <param name="Brands">The most frequent makers with counts, and the chosen ones.</param>
/// <param name="Prices">Price ranges with counts.</param>
/// <param name="Corrected">Nothing had the words exactly; these names look alike.</param>
/// <param name="Capped">There are more matches than the search reads.</param>
public sealed record ProductList(PageOf<ProductCard> Page, IReadOnlyList<Facet> Categories, IReadOnlyList<Facet> Brands, IReadOnlyList<PriceFacet> Prices, bool Corrected, bool Capped);
