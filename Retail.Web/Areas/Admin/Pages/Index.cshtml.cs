using System.Globalization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Inventory;
using Retail.Core.Orders;
using Retail.Core.Quality;

namespace Retail.Web.Areas.Admin.Pages;

public sealed class IndexModel(ShopOverviewReader shop, OrderAdminQueries orders, IOptions<StoreOptions> store, IOptions<InventoryOptions> inventory) : PageModel
{
    private const int NewestShown = 8;

    public ShopOverview Shop { get; private set; } = null!;

    public IReadOnlyList<Stat> Stats { get; private set; } = [];

    public IReadOnlyList<AdminOrderRow> Newest { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct)
    {
        Shop = await shop.ReadAsync(ct);
        Newest = await orders.NewestAsync(NewestShown, ct);
        var today = Shop.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Stats =
        [
            new(AdminText.Number(Shop.OrdersToday), "orders today", $"{AdminMenu.Orders}?from={today}"),
            new(PriceText.Of(Shop.RevenueToday, store.Value.Currency), "paid today", $"{AdminMenu.Orders}?from={today}&status=paid"),
            new(AdminText.Number(Shop.AwaitingPayment), "orders awaiting payment", $"{AdminMenu.Orders}?status=paymentpending", Shop.AwaitingPayment > 0),
            new(AdminText.Number(Shop.DeclinedToday), "payments declined today", $"{AdminMenu.Orders}?from={today}&status=cancelled"),
            new(AdminText.Number(Shop.LowStock), $"variants with {inventory.Value.LowStock} or fewer left", $"{AdminMenu.Products}?stock=low", Shop.LowStock > 0),
            new(AdminText.Number(Shop.SoldOut), "variants sold out", $"{AdminMenu.Products}?stock=none", Shop.SoldOut > 0),
            new(AdminText.Number(Shop.Published), "products published", $"{AdminMenu.Products}?status=published"),
            new(AdminText.Number(Shop.Drafts), "drafts", $"{AdminMenu.Products}?status=draft"),
            new(AdminText.Number(Shop.NewCustomersToday), "new customers today", null),
            new(AdminText.Number(Shop.OutboxWaiting), $"tasks wait for the worker, {AdminText.Number(Shop.OutboxDead)} failed for good", AdminMenu.Jobs, Shop.OutboxDead > 0),
        ];
    }

    /// <summary>A count, and the list of what was counted, where there is one.</summary>
    public sealed record Stat(string Value, string Label, string? Href, bool NeedsAttention = false);
}
