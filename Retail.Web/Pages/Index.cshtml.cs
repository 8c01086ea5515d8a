using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Options;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;
using Retail.Web.Pages.Products;

namespace Retail.Web.Pages;

/// <summary>The home page.</summary>
[OutputCache(PolicyName = PageCache.Lists)]
public sealed class IndexModel(CatalogQueries catalog, CatalogModel model, IOptions<StoreOptions> store, ShippingRates shipping) : PageModel
{
    private const int Row = 4;
    private const int Shots = 4;
    private const int ShelvesShown = 8;
    private const int FlashSalesShown = 3;

    public string Currency => store.Value.Currency;

    public ShippingMethod Delivery => shipping.Methods[0];

    public ShopWindow Window { get; private set; } = null!;

    /// <summary>Pictures beside the welcome: the other end of the list that the first row below starts.</summary>
    public IEnumerable<ProductCard> InHero => Window.Featured.Where(p => p.Pictures.Count > 0).Reverse().Take(Shots);

    /// <summary>The running sales with something left, those that end first.</summary>
    public IEnumerable<FlashItem> FlashSales => Window.WithFlashSale
        .SelectMany(p => p.Variants.Where(v => v.RunningFlash is not null && v.Available > 0).Take(1), (p, v) => new FlashItem(p, v, v.Flash!))
        .OrderBy(f => f.Offer.EndsAt).ThenBy(f => f.Product.Id).Take(FlashSalesShown);

    public IEnumerable<CategoryCard> Shelves => model.Snapshot.Categories.Where(c => c.Index < Window.CountByCategory.Count && Window.CountByCategory[c.Index] > 0).Take(ShelvesShown);

    public ProductGrid Featured => new([.. FullRows(Window.Featured)], Currency);

    /// <summary>What is new and not shown above already.</summary>
    public ProductGrid New => new([.. FullRows(Window.Newest)], Currency);

    public async Task OnGetAsync(CancellationToken ct) => Window = await catalog.WindowAsync(ct);

    private static IEnumerable<ProductCard> FullRows(IReadOnlyList<ProductCard> products) =>
        products.Take(products.Count < Row ? products.Count : products.Count / Row * Row);
}
