using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Catalog;
using Retail.Core.Inventory;
using Retail.Tests.Support;

namespace Retail.Tests.FlashSales;

/// <summary>Flash sales in a whole store.</summary>
internal static class FlashShop
{
    /// <summary>A product on sale with a flash sale; answers the sale. Waits until the store's pages know it.</summary>
    public static async Task<Guid> HasSaleAsync(this Shop shop, string name, int quantity, int stock = 50, int limit = 5, TimeSpan startsIn = default, TimeSpan? lasts = null)
    {
        await using var scope = shop.Services.CreateAsyncScope();
        var shelf = (Guid)(await shop.SqlAsync("INSERT INTO categories (id, slug, name, description, position) VALUES (gen_random_uuid(), 'flash', 'Flash', '', 1) ON CONFLICT (slug) DO UPDATE SET position = 1 RETURNING id"))!;
        var saved = await scope.ServiceProvider.GetRequiredService<ProductEditor>().SaveAsync(new ProductDraft
        {
            Name = name, CategoryId = shelf, Status = ProductStatus.Published, Variants = [new VariantDraft { Sku = $"F-{name.ToUpperInvariant()}", Price = 40m, Stock = stock }],
        }, "test", CancellationToken.None);
        var start = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow() + startsIn;
        var sale = await scope.ServiceProvider.GetRequiredService<FlashSaleService>().SaveAsync(new FlashSaleDraft
        {
            Sku = $"F-{name.ToUpperInvariant()}", Price = 25m, Quantity = quantity, LimitPerCustomer = limit, StartsAt = start, EndsAt = start + (lasts ?? TimeSpan.FromHours(1)),
        }, CancellationToken.None);
        var catalog = shop.Services.GetRequiredService<CatalogModel>();
        while (catalog.Snapshot.Find(saved.Value.Id)?.Variants[0].Flash is null) await Task.Delay(10);
        return sale.Value;
    }

    /// <summary>What a program sends to buy.</summary>
    public static HttpRequestMessage Order(string sku, string key, int quantity = 1, string email = "ada@example.com") =>
        new(HttpMethod.Post, new Uri("/cart/flash-checkout/", UriKind.Relative))
        {
            Headers = { { "X-Idempotency-Key", key } },
            Content = System.Net.Http.Json.JsonContent.Create(new
            {
                sku, quantity, email, shippingMethod = "standard", paymentMethod = "pm_card_visa",
                shippingAddress = new { name = "Ada Buyer", line1 = "1 Mill Lane", city = "Ely", postcode = "CB7", country = "GB" },
            }),
        };
}
