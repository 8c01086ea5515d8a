using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Orders;

/// <summary>One flash item, bought straight away.</summary>
public sealed record FlashOrder
{
    /// <summary>The caller's key, 1 to <see cref="MaxKeyLength"/> characters: the same key with the same content is the same order.</summary>
    public required string Key { get; init; }

    /// <summary>What is bought.</summary>
    public required FlashItem Item { get; init; }

    /// <summary>Units.</summary>
    public required int Quantity { get; init; }

    /// <summary>Who buys; null for a guest.</summary>
    public Guid? CustomerId { get; init; }

    /// <summary>Where mail goes.</summary>
    public required string Email { get; init; }

    /// <summary>For the carrier; may be empty.</summary>
    public string Phone { get; init; } = "";

    /// <summary>Where the parcel goes.</summary>
    public required Address ShippingAddress { get; init; }

    /// <summary>Code of a shipping method.</summary>
    public required string ShippingMethod { get; init; }

    /// <summary>How it is paid.</summary>
    public required PaymentMethodRef PaymentMethod { get; init; }

    /// <summary>The longest key.</summary>
    public const int MaxKeyLength = 80;

    /// <summary>The key under the buyer's name, so that two buyers may choose the same one.</summary>
    internal string ScopedKey => Scope(CustomerId, Email, Key);

    internal static string Scope(Guid? customerId, string email, string key) =>
        FlashKeys.Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{customerId?.ToString() ?? email.ToLowerInvariant()}\n{key}")));

    internal OrderRequest ToRequest() => new()
    {
        IdempotencyKey = ScopedKey,
        CustomerId = CustomerId,
        Email = Email,
        Phone = Phone,
        ShippingAddress = ShippingAddress,
        ShippingMethod = ShippingMethod,
        PaymentMethod = PaymentMethod,
        Lines = [new OrderRequestLine(Item.Variant.Id, Quantity, Item.Offer.Price)],
    };
}

/// <summary>A variant in a flash sale, as this node knows it.</summary>
/// <param name="Product">The product.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Offer">The sale that runs or comes next.</param>
public sealed record FlashItem(ProductCard Product, VariantCard Variant, FlashOffer Offer);

/// <summary>Buys flash items. What this node's read model knows to be gone is refused without a query.</summary>
public sealed class FlashCheckout(CatalogModel catalog, OrderIntake intake, FlashKeys keys, IServiceScopeFactory scopes, IOptions<StoreOptions> store) : IDisposable
{

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = 50_000 });

    /// <summary>The variant, if a flash sale of it runs or comes.</summary>
    public FlashItem? Find(Guid? variantId, string? sku) => (
        from product in catalog.Snapshot.WithFlashSale
        where product.IsSeen
        from variant in product.Variants
        where variant.Flash is not null && (variantId is { } id ? variant.Id == id : variant.Sku == sku)
        select new FlashItem(product, variant, variant.Flash!)).FirstOrDefault();

    /// <summary>Why it can't be had, as far as this node knows without asking; null when the store must decide.</summary>
    public ServiceError? Refuse(FlashItem item, int quantity)
    {
        ArgumentNullException.ThrowIfNull(item);
        var (product, variant, offer) = item;
        return !offer.IsRunning ? FlashErrors.NotStarted(product.Name, offer.StartsAt)
            : quantity is < 1 or > Cart.MaxQuantityPerLine ? OrderErrors.BadQuantity
            : variant.Available < quantity ? OrderErrors.SoldOut(product.Name, variant.Available)
            : offer.Left < quantity ? OrderErrors.FlashSoldOut(product.Name, offer.Left, new Money(variant.Price, store.Value.Currency))
            : quantity > offer.LimitPerCustomer ? OrderErrors.LimitPerCustomer(product.Name, offer.LimitPerCustomer, 0)
            : null;
    }

    /// <summary>
    /// The answer that this node can give without asking the store: an earlier order under the same key, or a refusal. Null when the
    /// store must decide, as for a key under which another node took an order: whoever got a last unit and asks again hears of it.
    /// </summary>
    public ServiceResult<AcceptedOrder>? AnswerFromMemory(FlashOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (Refuse(order.Item, order.Quantity) is not { } refusal) return null;
        if (_answers.Get<Earlier>(order.ScopedKey) is { } earlier && earlier.Hash == order.ToRequest().Hash()) return earlier.Order with { Replayed = true };
        if (keys.MayBeTaken(order.ScopedKey)) return null;
        return refusal;
    }

    /// <summary>The order that was placed under a key while the sale still ran; null when there is none.</summary>
    /// <param name="customerId">Who buys; null for a guest.</param>
    /// <param name="email">A guest's address.</param>
    /// <param name="key">The caller's key.</param>
    /// <param name="ct">Stops the question.</param>
    public async Task<AcceptedOrder?> FindEarlierAsync(Guid? customerId, string email, string key, CancellationToken ct)
    {
        var scoped = FlashOrder.Scope(customerId, email, key);
        if (!keys.MayBeTaken(scoped)) return null;
        await using var scope = scopes.CreateAsyncScope();
        var order = await scope.ServiceProvider.GetRequiredService<RetailDbContext>().Orders.AsNoTracking().SingleOrDefaultAsync(o => o.IdempotencyKey == scoped, ct);
        return order is null ? null : new AcceptedOrder(order.Id, order.Number, order.Total, Replayed: true);
    }

    /// <summary>Asks the intake for the order; answers 'accepted' only after its commit.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<AcceptedOrder>> PlaceAsync(FlashOrder order, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(order);
        var request = order.ToRequest();
        var answer = await intake.PlaceAsync(request, ct);
        if (answer.Ok) _answers.Set(order.ScopedKey, new Earlier(request.Hash(), answer.Value), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = FlashKeys.Remembered });
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose() => _answers.Dispose();

    private sealed record Earlier(string Hash, AcceptedOrder Order);
}

/// <summary>Why a flash item can't be bought. The codes are part of the API.</summary>
public static class FlashErrors
{
    /// <summary>No sale runs or comes.</summary>
    public static readonly ServiceError None = new(Refusal.NotFound, "no_flash_sale", "There is no flash sale of this product now. Look at its page for the normal price.");

    /// <summary>No key.</summary>
    public static readonly ServiceError MissingKey = new(Refusal.Invalid, "missing_idempotency_key",
        "Send a key of your own with the order, of 1 to 80 characters: the same key is the same order, however often it is sent.");

    /// <summary>Too often.</summary>
    public static readonly ServiceError TooManyAttempts = new(Refusal.TooMany, "too_many_attempts",
        "That was tried too often in a short time, or very many people are buying. Nothing was ordered. Wait a little, then try again.");

    /// <summary>It has not begun.</summary>
    public static ServiceError NotStarted(string name, DateTimeOffset startsAt) => new(Refusal.Conflict, "flash_not_started",
        string.Create(CultureInfo.InvariantCulture, $"The flash sale of \u201c{name}\u201d starts on {startsAt:d MMMM 'at' HH:mm} UTC. Order then."));
}
