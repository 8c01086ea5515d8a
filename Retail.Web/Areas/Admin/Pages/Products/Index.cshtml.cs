using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Inventory;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Products;

public sealed class IndexModel(ProductAdminQueries queries, ProductEditor editor, CatalogModel catalog, IOptions<StoreOptions> store, IOptions<InventoryOptions> inventory)
    : PageModel
{
    public ListState List { get; private set; } = null!;

    public PageOf<ProductRow> Products { get; private set; } = null!;

    public int LowStock => inventory.Value.LowStock;

    public IReadOnlyList<CategoryCard> Categories => catalog.Snapshot.Categories;

    public Task OnGetAsync(CancellationToken ct) => ShowAsync(ct);

    public Task<IActionResult> OnPostPublishAsync(Guid id, CancellationToken ct) => SetAsync(id, ProductStatus.Published, "Published. The store shows it now.", ct);

    public Task<IActionResult> OnPostUnpublishAsync(Guid id, CancellationToken ct) => SetAsync(id, ProductStatus.Draft, "Taken off sale. It is a draft now.", ct);

    public string Prices(ProductRow product) => (product.PriceFrom, product.PriceTo) switch
    {
        ({ } from, { } to) when from != to => $"{PriceText.Of(from, store.Value.Currency)} – {PriceText.Of(to, store.Value.Currency)}",
        ({ } from, _) => PriceText.Of(from, store.Value.Currency),
        _ => "none",
    };

    private async Task<IActionResult> SetAsync(Guid id, ProductStatus status, string done, CancellationToken ct)
    {
        var set = await editor.SetStatusAsync(id, status, ct);
        await ShowAsync(ct);
        if (set.Error is { } refusal) return this.Refuse(refusal);
        TempData[AdminText.Notice] = done;
        return LocalRedirect(List.Here);
    }

    private async Task ShowAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Products, Request, "-updated");
        Products = await queries.ListAsync(new ProductFilter
        {
            Search = List.Search,
            Status = List.Choice<ProductStatus>("status"),
            CategoryId = catalog.Snapshot.FindCategory(List["category"])?.Id,
            StockUpTo = List["stock"] switch { "low" => LowStock, "none" => 0, _ => null },
            Sort = List.SortBy<ProductListSort>(),
            Descending = List.Descending,
            Page = List.Page,
        }, ct);
    }
}
