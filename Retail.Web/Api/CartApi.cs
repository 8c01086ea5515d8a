using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Core.Payments.Gateway;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>Some units of a variant; a product that has only one variant may be named instead.</summary>
public sealed record AddToCart
{
    public Guid? VariantId { get; init; }

    public Guid? ProductId { get; init; }

    [Range(1, Cart.MaxQuantityPerLine)] public int Quantity { get; init; } = 1;
}

public sealed record SetQuantity
{
    [Range(0, Cart.MaxQuantityPerLine)] public int Quantity { get; init; }
}

/// <summary>A cart at today's prices and stock.</summary>
public sealed record CartJson(IReadOnlyList<CartLineJson> Lines, int Units, Price Subtotal, bool CanCheckOut)
{
    public static CartJson Of(CartView? cart, string currency) => cart is null ? new([], 0, new(0, currency), false) : new(
        [.. cart.Lines.Select(l => new CartLineJson(l.VariantId, l.Slug, l.Name, l.Options, l.Quantity, Price.Of(l.UnitPrice), Price.Of(l.Total), l.Available, l.PriceChanged, l.Picture))],
        cart.Units, Price.Of(cart.Subtotal), cart.CanCheckOut);
}

public sealed record CartLineJson(
    Guid VariantId, string Slug, string Name, IReadOnlyList<string> Options, int Quantity, Price UnitPrice, Price Total, int Available, bool PriceChanged, string? Picture);

/// <summary>Whether a part of the store works.</summary>
public sealed record PartStatus(bool Success, string Status, string Database, string? Gateway = null, int? OrdersWaiting = null);

/// <summary>The caller's cart (D0-27, D4-23): the customer's, or a guest's by cookie; and whether cart and checkout work (D4-20, D4-21).</summary>
public static class CartApi
{
    private static readonly ServiceError ChooseVariant = new(Refusal.Invalid, "choose_variant", "Name a variant: variantId, or the productId of a product that has only one.", "variantId");

    public static RouteGroupBuilder MapCartApi(this RouteGroupBuilder api)
    {
        var cart = api.MapGroup("/cart").WithTags("Cart");
        cart.MapGet("/", GetAsync);
        cart.MapPost("/", AddAsync);
        cart.MapPut("/{variantId:guid}", SetAsync);
        cart.MapDelete("/{variantId:guid}", RemoveAsync);
        cart.MapGet("/status", StatusAsync);
        api.MapGet("/checkout/status", CheckoutStatusAsync).WithTags("Checkout");
        return api;
    }

    private static async Task<Ok<CartJson>> GetAsync(CartQueries carts, CurrentShopper shopper, IOptions<StoreOptions> store, CancellationToken ct) =>
        TypedResults.Ok(CartJson.Of(await carts.FindAsync(shopper.Owner, ct), store.Value.Currency));

    private static async Task<Results<Ok<CartJson>, ProblemHttpResult>> AddAsync(
        AddToCart wish, CatalogQueries catalog, CartService carts, CartQueries queries, CurrentShopper shopper, IOptions<StoreOptions> store, CancellationToken ct)
    {
        var only = wish.ProductId is { } product && await catalog.FindAsync(product, ct) is { Variants: [var single] } ? single.Id : (Guid?)null;
        if ((wish.VariantId ?? only) is not { } variant) return ChooseVariant.ToProblem();
        return await AnswerAsync(await carts.AddAsync(shopper.Owner, variant, wish.Quantity, ct), queries, shopper, store, ct);
    }

    private static async Task<Results<Ok<CartJson>, ProblemHttpResult>> SetAsync(
        Guid variantId, SetQuantity wish, CartService carts, CartQueries queries, CurrentShopper shopper, IOptions<StoreOptions> store, CancellationToken ct) =>
        await AnswerAsync(await carts.SetQuantityAsync(shopper.Owner, variantId, wish.Quantity, ct), queries, shopper, store, ct);

    private static async Task<Results<Ok<CartJson>, ProblemHttpResult>> RemoveAsync(
        Guid variantId, CartService carts, CartQueries queries, CurrentShopper shopper, IOptions<StoreOptions> store, CancellationToken ct) =>
        await AnswerAsync(await carts.SetQuantityAsync(shopper.Owner, variantId, 0, ct), queries, shopper, store, ct);

    private static async Task<Results<Ok<CartJson>, ProblemHttpResult>> AnswerAsync(
        ServiceResult<Cart> changed, CartQueries queries, CurrentShopper shopper, IOptions<StoreOptions> store, CancellationToken ct)
    {
        if (changed.Error is { } refusal) return refusal.ToProblem();
        if (changed.Value.Units > 0) shopper.RememberCart(changed.Value.Id, changed.Value.Units);
        else shopper.ForgetCart();
        // Read by its key: the cookie that names a guest's new cart is only now on its way.
        return TypedResults.Ok(CartJson.Of(await queries.FindAsync(shopper.Owner with { CartId = changed.Value.Id }, ct), store.Value.Currency));
    }

    private static async Task<JsonHttpResult<PartStatus>> StatusAsync(NpgsqlDataSource database, CancellationToken ct) =>
        await HealthEndpoints.IsReachableAsync(database, ct)
            ? TypedResults.Json(new PartStatus(true, "operational", "connected"))
            : TypedResults.Json(new PartStatus(false, "unavailable", "disconnected"), statusCode: StatusCodes.Status503ServiceUnavailable);

    // With the gateway away orders are kept and charged later: that is not an outage of the checkout.
    private static async Task<JsonHttpResult<PartStatus>> CheckoutStatusAsync(NpgsqlDataSource database, GatewayPipeline gateway, OrderIntake intake, CancellationToken ct)
    {
        var reachable = await HealthEndpoints.IsReachableAsync(database, ct);
        var away = gateway.Current == CircuitState.Open;
        var status = !reachable ? "unavailable" : intake.IsFull ? "busy" : away ? "payments_delayed" : "operational";
        return TypedResults.Json(
            new PartStatus(reachable, status, reachable ? "connected" : "disconnected", away ? "disconnected" : "connected", intake.Waiting),
            statusCode: reachable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
