using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>What a shopper filled in at the checkout.</summary>
public sealed record CheckoutInput
{
    /// <summary>The key in the form: the same key is the same order.</summary>
    public required Guid CheckoutKey { get; init; }

    /// <summary>The <see cref="CartView.Stamp"/> in the form: goods, quantities and prices as the shopper saw them.</summary>
    public required string CartSeen { get; init; }

    /// <summary>Where mail goes.</summary>
    public required string Email { get; init; }

    /// <summary>For the carrier; may be empty.</summary>
    public string Phone { get; init; } = "";

    /// <summary>Where the parcel goes.</summary>
    public required Address ShippingAddress { get; init; }

    /// <summary>Code of the shipping method.</summary>
    public required string ShippingMethod { get; init; }

    /// <summary>The card as typed; goes to the gateway and nowhere else.</summary>
    public required CardDetails Card { get; init; }
}

/// <summary>What became of a checkout.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Status">Paid, payment pending, or cancelled when the card was declined.</param>
/// <param name="DeclineReason">Why the card was declined, for the shopper; otherwise null.</param>
public sealed record CheckoutOutcome(Guid OrderId, OrderStatus Status, string? DeclineReason);

/// <summary>Makes a cart an order: token for the card, admission, charge. Repeating it, at once or later, makes no second order.</summary>
public sealed class Checkout(RetailDbContext db, CartQueries carts, OrderIntake intake, PromptCharges charges, IPaymentGateway gateway)
{
    /// <summary>Places and pays the order of a cart.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<CheckoutOutcome>> PlaceAsync(CartOwner owner, CheckoutInput input, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(input);
        var asked = Stopwatch.GetTimestamp();
        // The cart is read before the key: a twin that is done in between has left its order, whatever it made of the cart.
        var found = await carts.FindAsync(owner, ct);
        // A second click, a second tab, the back button: the form's key already has its order.
        if (await FindOrderAsync(input.CheckoutKey, ct) is { } earlier) return await SettleAsync(earlier, asked);
        if (found is not { } cart) return CartErrors.NoCart;
        if (cart.CheckoutKey != input.CheckoutKey || cart.Stamp != input.CartSeen) return CheckoutErrors.CartMoved;

        if (intake.IsFull) return intake.RefuseBusy();   // at once, before the gateway is asked for anything

        // The number becomes a token first; if the gateway is away nothing was reserved and nothing is lost.
        var card = await gateway.TokeniseAsync(input.Card, ct);
        if (card is GatewayAnswer<PaymentMethod>.Refused refused) return new ServiceError(Refusal.Invalid, refused.Code, refused.Message);
        if (card is not GatewayAnswer<PaymentMethod>.Given { Value: var method }) return CheckoutErrors.CardNotChecked;

        var accepted = await intake.PlaceAsync(new OrderRequest
        {
            IdempotencyKey = Key(input.CheckoutKey),
            CustomerId = owner.CustomerId,
            Email = input.Email,
            Phone = input.Phone,
            ShippingAddress = input.ShippingAddress,
            ShippingMethod = input.ShippingMethod,
            CartId = cart.Id,
            PaymentMethod = new(method.Id, method.Brand, method.Last4),
            Lines = [.. cart.Lines.Select(l => new OrderRequestLine(l.VariantId, l.Quantity, l.UnitPrice.Amount))],
        }, ct);
        if (accepted.Ok) return await SettleAsync(accepted.Value.Id, asked);
        // Two tabs at once with different words in them: the first one's order stands.
        if (accepted.Error == OrderErrors.KeyReused && await FindOrderAsync(input.CheckoutKey, ct) is { } twin) return await SettleAsync(twin, asked);
        return accepted.Error!;
    }

    /// <summary>The order that was placed under a form's key, or null.</summary>
    public async Task<Guid?> FindOrderAsync(Guid checkoutKey, CancellationToken ct)
    {
        var key = Key(checkoutKey);
        var id = await db.Orders.Where(o => o.IdempotencyKey == key).Select(o => o.Id).SingleOrDefaultAsync(ct);
        return id == Guid.Empty ? null : id;
    }

    private static string Key(Guid checkoutKey) => $"cart-{checkoutKey:N}";

    private async Task<CheckoutOutcome> SettleAsync(Guid orderId, long asked)
    {
        var status = await charges.ChargeInTimeAsync(orderId, asked);
        var reason = status == OrderStatus.Cancelled
            ? await db.Orders.Where(o => o.Id == orderId).Select(o => o.CancelReason).SingleAsync(CancellationToken.None) : null;
        return new CheckoutOutcome(orderId, status, reason);
    }
}

/// <summary>Why a checkout goes no further.</summary>
public static class CheckoutErrors
{
    /// <summary>The cart or a price is not what the form's page showed.</summary>
    public static readonly ServiceError CartMoved = new(Refusal.Conflict, "cart_moved",
        "Your cart or a price has changed since you opened this page. Nothing was ordered; please check the order and place it again.");

    /// <summary>The gateway is away.</summary>
    public static readonly ServiceError CardNotChecked = new(Refusal.Unavailable, "card_not_checked",
        "Your card can't be checked at this moment. Nothing was ordered or charged; please try again in a minute.");
}
