using System.Net;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Inventory;

namespace Retail.Core.Quality.Drills;

/// <summary>A product that was made for a drill.</summary>
/// <param name="ProductId">Key.</param>
/// <param name="VariantId">Its only variant.</param>
/// <param name="Sku">Of the variant.</param>
/// <param name="Slug">Name in the address bar; for strangers there is no such page.</param>
/// <param name="Stock">Units that there were.</param>
public sealed record DrillProduct(Guid ProductId, Guid VariantId, string Sku, string Slug, int Stock);

/// <summary>Makes goods for a drill; within its scope they are the drill's, so that no shopper sees or buys them.</summary>
public sealed class DrillGoods(ProductEditor products, FlashSaleService sales, RetailDbContext db, TimeProvider clock)
{
    private const decimal Price = 20m, FlashPrice = 10m;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The product that was made last; null when none was.</summary>
    public DrillProduct? Latest { get; private set; }

    /// <summary>A product with this stock, known to every node.</summary>
    public async Task<DrillProduct> MakeAsync(DrillStage stage, int stock, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var shelf = await db.Categories.OrderBy(c => c.Position).Select(c => (Guid?)c.Id).FirstOrDefaultAsync(ct)
            ?? throw new DrillBrokenException("The store has no category yet, and a product needs one. Add a category, then run the drill again.");
        var nr = await db.Products.CountAsync(p => p.DrillId == stage.Id, ct) + 1;
        var sku = $"DRILL-{stage.Id.ToString("N")[^12..].ToUpperInvariant()}-{nr}";
        var saved = Expect(await products.SaveAsync(new ProductDraft
        {
            Name = $"Drill product {sku}",
            CategoryId = shelf,
            Description = "Made for a drill. Nobody can see or buy it, and it is gone when the drill has ended.",
            Status = ProductStatus.Published,
            Variants = [new VariantDraft { Sku = sku, Price = Price, Stock = stock }],
        }, "drill", ct));
        var variant = await db.Variants.Where(v => v.ProductId == saved.Id).Select(v => v.Id).SingleAsync(ct);
        foreach (var node in stage.Store.Nodes)
        {
            var shopper = stage.Store.Shopper("scout", node);
            await stage.WaitAsync(async () => (await shopper.OpenAsync($"/api/products/{saved.Slug}", ct)).Status == HttpStatusCode.OK, Patience,
                $"The node {node} does not show the drill its product. Look whether it hears the database's notices.", ct);
        }
        return Latest = new(saved.Id, variant, sku, saved.Slug, stock);
    }

    /// <summary>Puts all units of a product into a flash sale that runs now, known to every node.</summary>
    public async Task PutOnFlashSaleAsync(DrillStage stage, DrillProduct product, int limitPerCustomer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        ArgumentNullException.ThrowIfNull(product);
        var now = clock.GetUtcNow();
        Expect(await sales.SaveAsync(new FlashSaleDraft
        {
            Sku = product.Sku,
            Price = FlashPrice,
            Quantity = product.Stock,
            LimitPerCustomer = limitPerCustomer,
            StartsAt = now,
            EndsAt = now + TimeSpan.FromHours(1),
        }, ct));
        foreach (var node in stage.Store.Nodes)
        {
            var shopper = stage.Store.Shopper("scout", node);
            // Nothing is asked for: what the answer blames tells whether the sale is known.
            await stage.WaitAsync(async () => (await shopper.BuyFlashAsync(product.Sku, "scout", "pm_none", ct, quantity: 0)).Code == "bad_quantity", Patience,
                $"The node {node} does not know the drill's flash sale. Look whether it hears the database's notices.", ct);
        }
    }

    private static T Expect<T>(ServiceResult<T> made) => made.Error is { } refusal ? throw new DrillBrokenException($"The drill's product could not be made: {refusal.Message}") : made.Value;
}
