using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Carts;

/// <summary>What shoppers do with their carts. A guest's cart is known by its unguessable id, a customer's by the customer.</summary>
public sealed class CartService(RetailDbContext db, TimeProvider clock)
{
    // Whoever knows it has the cart.
    private static Guid NewId() => new(RandomNumberGenerator.GetBytes(16));

    // Opens nothing by itself. In the order of time, because each order is looked up by it among all that ever were: neighbours in time
    // then are neighbours in the index.
    private static Guid NewCheckoutKey(DateTimeOffset now) => Guid.CreateVersion7(now);

    /// <summary>Adds units of a variant that is on sale; the cart is made on first use.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Cart>> AddAsync(CartOwner owner, Guid variantId, int quantity, CancellationToken ct)
    {
        if (await PriceOfAsync(variantId, ct) is not { } sold) return CartErrors.ProductGone;
        if (sold.Available == 0) return CartErrors.SoldOut;
        await using var turn = await TakeTurnAsync(owner, ct);
        var now = clock.GetUtcNow();
        var cart = await FindAsync(owner, ct);
        if (cart is null) db.Carts.Add(cart = Cart.Empty(NewId(), owner.CustomerId, NewCheckoutKey(now), now));
        var room = Math.Min(cart.RoomFor(variantId), sold.Available - cart.Lines.Where(l => l.VariantId == variantId).Sum(l => l.Quantity));
        if (quantity < 1) return CartErrors.BadQuantity;
        if (quantity > room) return CartErrors.TooMany(Math.Max(0, room));
        var units = quantity + cart.Lines.Where(l => l.VariantId == variantId).Sum(l => l.Quantity);
        if (sold.RefuseLimit(units) is { } refusal) return refusal;
        cart.Add(variantId, quantity, sold.PriceFor(units), now);
        await db.SaveChangesAsync(ct);
        await turn.CommitAsync(ct);
        return cart;
    }

    /// <summary>Sets the units of a line, 0 to take it out; the shopper has now seen today's price.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Cart>> SetQuantityAsync(CartOwner owner, Guid variantId, int quantity, CancellationToken ct)
    {
        if (quantity is < 0 or > Cart.MaxQuantityPerLine) return CartErrors.BadQuantity;
        await using var turn = await TakeTurnAsync(owner, ct);
        if (await FindAsync(owner, ct) is not { } cart) return CartErrors.NoCart;
        var sold = await PriceOfAsync(variantId, ct);
        if (sold is null && quantity > 0) return CartErrors.ProductGone;
        if (sold is not null && quantity > sold.Available) return sold.Available == 0 ? CartErrors.SoldOut : CartErrors.OnlyLeft(sold.Available);
        if (sold?.RefuseLimit(quantity) is { } refusal) return refusal;
        cart.SetQuantity(variantId, quantity, sold?.PriceFor(quantity) ?? Money.Zero("USD"), clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        await turn.CommitAsync(ct);
        return cart;
    }

    /// <summary>The shopper has seen today's prices: later changes are told against these.</summary>
    public async Task AcknowledgePricesAsync(Guid cartId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"""
            SELECT 1 FROM carts WHERE id = {cartId} FOR UPDATE;
            UPDATE cart_lines l SET price_seen_currency = v.price_currency, price_seen_amount = coalesce((
                SELECT f.price_amount FROM flash_sales f
                WHERE f.variant_id = v.id AND f.starts_at <= {now} AND f.ends_at > {now} AND f.quantity - f.sold >= l.quantity), v.price_amount)
            FROM variants v WHERE v.id = l.variant_id AND l.cart_id = {cartId}
            """, ct);
    }

    /// <summary>At sign-in: the guest's cart becomes the customer's, or its lines join those that the customer has.</summary>
    /// <returns>The customer's cart; null when there is nothing in either.</returns>
    public async Task<Cart?> SignInAsync(Guid? guestCartId, Guid customerId, CancellationToken ct)
    {
        await using var turn = await TakeTurnAsync(new(guestCartId, customerId), ct);
        var now = clock.GetUtcNow();
        var own = await FindAsync(new(null, customerId), ct);
        var guest = guestCartId is { } id ? await FindAsync(new(id, null), ct) : null;
        if (guest is null || guest.CustomerId is not null) return own;
        if (own is null) guest.BelongTo(customerId, now);
        else
        {
            own.Merge(guest, now);
            db.Carts.Remove(guest);
        }
        await db.SaveChangesAsync(ct);
        await turn.CommitAsync(ct);
        return own ?? guest;
    }

    /// <summary>An order was kept: what it took leaves the cart, and the next checkout has a key of its own. In the order's transaction.</summary>
    public async Task EmptyAsync(Guid cartId, Guid orderId, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"""
            SELECT 1 FROM carts WHERE id = {cartId} FOR UPDATE;
            DELETE FROM cart_lines WHERE cart_id = {cartId} AND variant_id IN (SELECT variant_id FROM order_lines WHERE order_id = {orderId})
            """, ct);
        await RenewKeyAsync(cartId, ct);
    }

    /// <summary>An order came to nothing: the cart stays, and the next try is a new order. In the order's transaction.</summary>
    public async Task RenewKeyAsync(Guid cartId, CancellationToken ct)
    {
        var key = NewCheckoutKey(clock.GetUtcNow());
        await db.Database.ExecuteSqlAsync($"UPDATE carts SET checkout_key = {key} WHERE id = {cartId}", ct);
    }

    /// <summary>A double click, two tabs, a sign-in and an order that empties the cart change it one after the other, also one that is
    /// not there yet; the turn ends with the transaction. Who changes a cart in whatever way holds its row.</summary>
    private async Task<IDbContextTransaction> TakeTurnAsync(CartOwner owner, CancellationToken ct)
    {
        var transaction = await db.Database.BeginTransactionAsync(ct);
        if ((owner.CustomerId ?? owner.CartId) is { } key)
        {
            var (cart, customer) = (owner.CartId ?? Guid.Empty, owner.CustomerId ?? Guid.Empty);
            await db.Database.ExecuteSqlAsync($"""
                SELECT pg_advisory_xact_lock(hashtextextended({key.ToString()}, 0));
                SELECT 1 FROM carts WHERE id = {cart} OR customer_id = {customer} ORDER BY id FOR UPDATE
                """, ct);
        }
        return transaction;
    }

    private async Task<Cart?> FindAsync(CartOwner owner, CancellationToken ct)
    {
        var carts = db.Carts.Include(c => c.Lines.OrderBy(l => l.AddedAt));
        return owner.CustomerId is { } customer
            ? await carts.SingleOrDefaultAsync(c => c.CustomerId == customer, ct)
            : owner.CartId is { } id ? await carts.SingleOrDefaultAsync(c => c.Id == id && c.CustomerId == null, ct) : null;
    }

    private async Task<Sold?> PriceOfAsync(Guid variantId, CancellationToken ct)
    {
        var (now, drill) = (clock.GetUtcNow(), DrillScope.Current);
        return await (
            from variant in db.Variants
            join product in db.Products on variant.ProductId equals product.Id
            join stock in db.StockItems on variant.Id equals stock.VariantId
            where variant.Id == variantId && variant.RetiredAt == null && product.Status == ProductStatus.Published
                && (product.DrillId == null || product.DrillId == drill)
            select new Sold(variant.Price, stock.OnHand - stock.Reserved, db.FlashSales.Where(f => f.VariantId == variantId && f.StartsAt <= now && f.EndsAt > now)
                .Select(f => new Flash(f.Price.Amount, f.Quantity - f.Sold, f.LimitPerCustomer)).FirstOrDefault())).SingleOrDefaultAsync(ct);
    }

    private sealed record Flash(decimal Price, int Left, int Limit);

    private sealed record Sold(Money Price, int Available, Flash? Flash)
    {
        public Money PriceFor(int units) => Flash is { } flash && flash.Left >= units ? new Money(flash.Price, Price.Currency) : Price;

        public ServiceError? RefuseLimit(int units) => Flash is { } flash && flash.Left >= units && units > flash.Limit ? CartErrors.FlashLimit(flash.Limit) : null;
    }
}

/// <summary>Whose cart: the customer's when signed in, otherwise the one that the cookie names.</summary>
/// <param name="CartId">From the cookie, or null.</param>
/// <param name="CustomerId">Signed in, or null.</param>
public sealed record CartOwner(Guid? CartId, Guid? CustomerId);

/// <summary>Why a cart refuses.</summary>
public static class CartErrors
{
    /// <summary>Not on sale any more.</summary>
    public static readonly ServiceError ProductGone = new(Refusal.NotFound, "product_gone", "This product is no longer sold. Choose another one.");

    /// <summary>None left.</summary>
    public static readonly ServiceError SoldOut = new(Refusal.Conflict, "sold_out", "This product has just sold out. Choose another one.");

    /// <summary>Out of range.</summary>
    public static readonly ServiceError BadQuantity = new(Refusal.Invalid, "bad_quantity", "Choose a quantity from 1 to 20.");

    /// <summary>Nothing to change.</summary>
    public static readonly ServiceError NoCart = new(Refusal.NotFound, "no_cart", "Your cart is empty. Add a product first.");

    /// <summary>Not so many more.</summary>
    public static ServiceError TooMany(int room) => new(Refusal.Conflict, "too_many", room == 0
        ? "You have as many of this product in your cart as you can buy."
        : $"You can add {room} more of this product.");

    /// <summary>More than one customer gets at the flash price.</summary>
    public static ServiceError FlashLimit(int limit) => new(Refusal.Conflict, "limit_per_customer", $"One customer gets {limit} of this product at the flash price. Lower the quantity.");

    /// <summary>Fewer in stock than asked for.</summary>
    public static ServiceError OnlyLeft(int left) => new(Refusal.Conflict, "too_many", $"Only {left} left. Lower the quantity.");
}
