using System.Globalization;
using System.Text;
using Retail.Core.Catalog;

namespace Retail.Web.Pages.Products;

/// <summary>A list's state as the address bar holds it: read leniently, so that no address fails; written in one order, without
/// what is empty, so that the same list has one address.</summary>
public static class ListAddress
{
    public const string Path = "/products/";
    private const int MaxBrands = 20;
    private const decimal MaxPrice = 1_000_000m;

    /// <summary>The names of the sorts in the address, in the order of the menu.</summary>
    public static IReadOnlyList<(ProductSort Sort, string Value, string Label)> Sorts { get; } =
    [
        (ProductSort.Relevance, "", "Relevance"),
        (ProductSort.Newest, "newest", "Newest"),
        (ProductSort.PriceUp, "price", "Price, low to high"),
        (ProductSort.PriceDown, "price-desc", "Price, high to low"),
        (ProductSort.Name, "name", "Name"),
        (ProductSort.Rating, "rating", "Rating"),
    ];

    /// <summary>What the address asks for; what it can't mean is left out.</summary>
    public static ListQuery Read(IQueryCollection address, CatalogSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(snapshot);
        var (min, max) = (Price(address["min"]), Price(address["max"]));
        return new ListQuery
        {
            Search = Words(address["q"]),
            Category = snapshot.FindCategory(address["category"].ToString())?.Slug ?? "",
            Brands = [.. address["brand"].Take(MaxBrands).OfType<string>().Where(snapshot.Brands.Contains).Distinct()],
            MinPrice = min > max ? max : min,
            MaxPrice = min > max ? min : max,
            InStock = address["stock"] is ["1" or "true" or "in"],
            Sort = Sorts.FirstOrDefault(s => s.Value == address["sort"]).Sort,
            Page = int.TryParse(address["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Max(1, page) : 1,
        };
    }

    /// <summary>A form without scripts leaves its empty fields in the address.</summary>
    public static bool HasEmptyFields(IQueryCollection address) => address.Any(field => field.Value.All(string.IsNullOrEmpty));

    /// <summary>The address of a list.</summary>
    public static string Of(ListQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var address = new StringBuilder(Path);
        void Add(string name, string value)
        {
            if (value.Length > 0)
                address.Append(address.Length == Path.Length ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal));
        }
        Add("q", query.Search);
        Add("category", query.Category);
        foreach (var brand in query.Brands) Add("brand", brand);
        Add("min", Text(query.MinPrice));
        Add("max", Text(query.MaxPrice));
        Add("stock", query.InStock ? "1" : "");
        Add("sort", Sorts.First(s => s.Sort == query.Sort).Value);
        Add("page", query.Page > 1 ? query.Page.ToString(CultureInfo.InvariantCulture) : "");
        return address.ToString();
    }

    /// <summary>A price as a field holds it: no zeros that nobody typed.</summary>
    public static string Text(decimal? price) => price?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";

    private static decimal? Price(string? text) =>
        decimal.TryParse(text?.Trim().TrimStart('$', '€', '£'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var price)
            ? Math.Min(decimal.Round(price, 2), MaxPrice) : null;

    // Control characters mean nothing in a search, and PostgreSQL takes no NUL in a text; a cut must not halve a character.
    private static string Words(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var words = new string([.. text.Where(c => !char.IsControl(c)).Take(ListQuery.MaxSearchLength)]).Trim();
        return words.Length > 0 && char.IsHighSurrogate(words[^1]) ? words[..^1] : words;
    }
}
