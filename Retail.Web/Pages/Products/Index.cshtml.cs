using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Options;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Products;

/// <summary>All products, searched, filtered, sorted and in pages.</summary>
[OutputCache(PolicyName = PageCache.Lists)]
public sealed class IndexModel(CatalogQueries catalog, CatalogModel model, IOptions<StoreOptions> store) : PageModel
{
    private const int FirstRow = 4;

    public string Currency => store.Value.Currency;

    public ListQuery Query { get; private set; } = new();

    public ProductList List { get; private set; } = null!;

    public CategoryCard? Shelf { get; private set; }

    /// <summary>Each filter in use, and the address without it.</summary>
    public IReadOnlyList<(string Name, string Without)> Chips { get; private set; } = [];

    public ProductGrid Grid => new(List.Page.Items, Currency, "h2", FirstRow, "grid");

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        Query = ListAddress.Read(Request.Query, model.Snapshot);
        if (ListAddress.HasEmptyFields(Request.Query)) return Redirect(ListAddress.Of(Query));
        List = await catalog.ListAsync(Query, ct);
        Query = Query with { Page = List.Page.Number };
        Shelf = model.Snapshot.FindCategory(Query.Category);
        Chips = [.. ChipsOf(Query with { Page = 1 })];
        return Page();
    }

    /// <summary>The numbers to offer: the ends, this page and its neighbours; 0 for a gap.</summary>
    public IEnumerable<int> PageNumbers()
    {
        var (here, last, before) = (List.Page.Number, List.Page.Pages, 0);
        foreach (var number in new[] { 1, here - 1, here, here + 1, last }.Where(n => n >= 1 && n <= last).Distinct())
        {
            // A gap of one page is that page.
            if (number - before == 2) yield return before + 1;
            else if (number - before > 2) yield return 0;
            yield return before = number;
        }
    }

    public string PriceRange(decimal? from, decimal? to) => (from, to) switch
    {
        (null, { } most) => $"{(ListQuery.PriceSteps.Contains(most) ? "Under" : "Up to")} {PriceText.Brief(most, Currency)}",
        ({ } least, null) => $"{PriceText.Brief(least, Currency)} and more",
        ({ } least, { } most) => $"{PriceText.Brief(least, Currency)} to {PriceText.Brief(most, Currency)}",
        _ => "Any price",
    };

    private IEnumerable<(string Name, string Without)> ChipsOf(ListQuery query)
    {
        if (query.Search.Length > 0) yield return ($"“{query.Search}”", ListAddress.Of(query with { Search = "" }));
        if (Shelf is not null) yield return (Shelf.Name, ListAddress.Of(query with { Category = "" }));
        foreach (var brand in query.Brands)
            yield return (brand, ListAddress.Of(query with { Brands = [.. query.Brands.Where(b => b != brand)] }));
        if (query.MinPrice is not null || query.MaxPrice is not null)
            yield return (PriceRange(query.MinPrice, query.MaxPrice), ListAddress.Of(query with { MinPrice = null, MaxPrice = null }));
        if (query.InStock) yield return ("In stock", ListAddress.Of(query with { InStock = false }));
    }
}
