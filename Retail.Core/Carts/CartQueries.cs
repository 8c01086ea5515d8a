using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Flags;
using Retail.Core.Metrics;

namespace Retail.Core.Carts;

/// <summary>A cart as its page shows it, at today's prices and stock.</summary>
/// <param name="Id">Key.</param>
/// <param name="CheckoutKey">The key of this cart's next order.</param>
/// <param name="Lines">What is in it, oldest first.</param>
/// <param name="Subtotal">Sum of the lines that can be bought.</param>
public sealed record CartView(Guid Id, Guid CheckoutKey, IReadOnlyList<CartLineView> Lines, Money Subtotal)
{
    /// <summary>Units in all lines.</summary>
    public int Units => Lines.Sum(l => l.Quantity);

    /// <summary>Every line can be bought as it is.</summary>
    public bool CanCheckOut => Lines.Count > 0 && Lines.All(l => l.CanBeBought);

    /// <summary>A hash of what is in it and at which prices. The checkout form carries it: what is ordered is what its page showed.</summary>
    public string Stamp => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join(';', Lines.Select(l => $"{l.Quantity} {l.VariantId:N} at {l.UnitPrice}")))));
}

/// <summary>A line of a cart at today's price and stock.</summary>
public sealed record CartLineView
{
    /// <summary>The variant.</summary>
    public required Guid VariantId { get; init; }

    /// <summary>The product's name in the address bar.</summary>
    public required string Slug { get; init; }

    /// <summary>The product's name.</summary>
    public required string Name { get; init; }

    /// <summary>Values of the product's options.</summary>
    public required IReadOnlyList<string> Options { get; init; }

    /// <summary>Address of the picture, or null.</summary>
    public string? Picture { get; init; }

    /// <summary>Units asked for.</summary>
    public required int Quantity { get; init; }

    /// <summary>Today's price of a unit: the flash price while a sale runs and has all the units of the line.</summary>
    public required Money UnitPrice { get; init; }

    /// <summary>When the flash sale that gives the price ends, UTC; null at the normal price.</summary>
    public DateTimeOffset? FlashUntil { get; init; }

    /// <summary>The price that the shopper last saw.</summary>
    public required Money PriceSeen { get; init; }

    /// <summary>Units that can be sold; 0 when it is no longer sold.</summary>
    public required int Available { get; init; }

    /// <summary>It is on sale.</summary>
    public required bool OnSale { get; init; }

    /// <summary>Today's price of the line.</summary>
    public Money Total => UnitPrice * Quantity;

    /// <summary>The price is another one than the shopper saw.</summary>
    public bool PriceChanged => UnitPrice != PriceSeen;

    /// <summary>It is on sale and there are enough.</summary>
    public bool CanBeBought => OnSale && Available >= Quantity;
}

/// <summary>Reads carts.</summary>
public sealed class CartQueries(RetailDbContext db, CatalogModel catalog, FeatureFlags flags, TimeProvider clock)
{
    /// <summary>The cart with today's prices and stock; null when there is none or it is empty. Two queries; with the CART flag on, what
    /// goods are called and cost comes from the node's memory, and their units from the database either way.</summary>
    public async Task<CartView?> FindAsync(CartOwner owner, CancellationToken ct)
    {
        var carts = owner.CustomerId is { } customer ? db.Carts.Where(c => c.CustomerId == customer)
            : owner.CartId is { } id ? db.Carts.Where(c => c.Id == id && c.CustomerId == null) : null;
        if (carts is null || await carts.Select(c => new { c.Id, c.CheckoutKey }).SingleOrDefaultAsync(ct) is not { } cart) return null;
        var lines = (flags.IsOn(FeatureFlag.Cart) ? await FromMemoryAsync(cart.Id, ct) : null) ?? await FromDatabaseAsync(cart.Id, ct);
        if (lines.Count == 0) return null;
        var subtotal = lines.Where(l => l.CanBeBought).Aggregate(Money.Zero(lines[0].UnitPrice.Currency), (sum, l) => sum + l.Total);
        return new CartView(cart.Id, cart.CheckoutKey, lines, subtotal);
    }

    /// <summary>Null when memory does not know all of it for certain: a product that has just been made or is no longer sold, or a
    /// flash sale that may have fewer units left than the line.</summary>
    private async Task<List<CartLineView>?> FromMemoryAsync(Guid cartId, CancellationToken ct)
    {
        var (snapshot, now) = (catalog.Snapshot, clock.GetUtcNow());
        var rows = await (
            from line in db.CartLines
            where line.CartId == cartId
            join variant in db.Variants on line.VariantId equals variant.Id
            join stock in db.StockItems on variant.Id equals stock.VariantId
            orderby line.AddedAt, line.VariantId
            select new { line.VariantId, variant.ProductId, line.Quantity, line.PriceSeen, variant.Price.Currency, Available = stock.OnHand - stock.Reserved })
            .AsNoTracking().ToListAsync(ct);
        var lines = new List<CartLineView>(rows.Count);
        foreach (var row in rows)
        {
            if (snapshot.Find(row.ProductId) is not { } product || product.FindVariant(row.VariantId) is not { } variant) return null;
            var flash = variant.Flash is { } sale && sale.StartsAt <= now && now < sale.EndsAt ? sale : null;
            // Another node's sales are heard of in steps.
            if (flash is { } some && some.Left >= row.Quantity && FlashStep.Of(some.Left) < row.Quantity) return null;
            if (flash?.Left < row.Quantity) flash = null;
            lines.Add(new CartLineView
            {
                VariantId = row.VariantId,
                Slug = product.Slug,
                Name = product.Name,
                Options = variant.Options,
                Quantity = row.Quantity,
                UnitPrice = new Money(flash?.Price ?? variant.Price, row.Currency),
                FlashUntil = flash?.EndsAt,
                PriceSeen = row.PriceSeen,
                Available = row.Available,
                OnSale = true,
                Picture = (product.Pictures.FirstOrDefault(p => p.Id == variant.PictureId) ?? (product.Pictures.Count > 0 ? product.Pictures[0] : null))?.Path,
            });
        }
        return lines;
    }

    private async Task<List<CartLineView>> FromDatabaseAsync(Guid cartId, CancellationToken ct)
    {
        var (now, drill) = (clock.GetUtcNow(), DrillScope.Current);
        var rows = await (
            from line in db.CartLines
            where line.CartId == cartId
            join variant in db.Variants on line.VariantId equals variant.Id
            join product in db.Products on variant.ProductId equals product.Id
            join stock in db.StockItems on variant.Id equals stock.VariantId
            orderby line.AddedAt, line.VariantId
            select new
            {
                line.VariantId,
                line.Quantity,
                line.PriceSeen,
                product.Slug,
                product.Name,
                variant.Options,
                variant.Price,
                Available = stock.OnHand - stock.Reserved,
                Flash = db.FlashSales.Where(f => f.VariantId == variant.Id && f.StartsAt <= now && f.EndsAt > now && f.Quantity - f.Sold >= line.Quantity)
                    .Select(f => new { f.Price.Amount, f.EndsAt }).FirstOrDefault(),
                OnSale = variant.RetiredAt == null && product.Status == ProductStatus.Published && (product.DrillId == null || product.DrillId == drill),
                Picture = db.ProductPictures.Where(p => p.ProductId == product.Id)
                    .OrderBy(p => p.Id == variant.PictureId ? 0 : 1).ThenBy(p => p.Position)
                    .Join(db.PictureContents, p => p.Hash, c => c.Hash, (p, c) => new { p.Hash, c.ContentType }).FirstOrDefault(),
            }).AsNoTracking().ToListAsync(ct);
        return [.. rows.Select(r => new CartLineView
        {
            VariantId = r.VariantId,
            Slug = r.Slug,
            Name = r.Name,
            Options = r.Options,
            Quantity = r.Quantity,
            UnitPrice = r.Flash is { } flash ? new Money(flash.Amount, r.Price.Currency) : r.Price,
            FlashUntil = r.Flash?.EndsAt,
            PriceSeen = r.PriceSeen,
            Available = r.OnSale ? r.Available : 0,
            OnSale = r.OnSale,
            Picture = r.Picture is { } picture ? PicturePath.Of(picture.Hash, picture.ContentType) : null,
        })];
    }
}
