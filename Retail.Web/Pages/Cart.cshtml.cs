using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages;

/// <summary>What the shopper is about to buy, at today's prices and stock.</summary>
public sealed class CartModel(CartQueries queries, CartService carts, CurrentShopper shopper, ShippingRates shipping, CatalogQueries catalog) : PageModel
{
    private static readonly ServiceError Changed = new(Refusal.Conflict, "cart_changed", "Your cart has changed since you opened this page. Please look at it again.");

    /// <summary>Null when it is empty.</summary>
    public CartView? Cart { get; private set; }

    public ShippingMethod Method => shipping.Methods[0];

    public Money Shipping => ShippingRates.PriceOf(Method, Cart!.Subtotal);

    /// <summary>What is missing until delivery is free; null when it is, or never will be.</summary>
    public Money? UntilFree => Method.FreeFrom is { } free && Cart!.Subtotal.Amount < free ? new Money(free, Cart.Subtotal.Currency) - Cart.Subtotal : null;

    /// <summary>The line that was just put in.</summary>
    public CartLineView? Added { get; private set; }

    /// <summary>The line whose change was refused, and what was typed.</summary>
    public (Guid VariantId, string Quantity) Typed { get; private set; }

    public string? Error => ModelState.Values.SelectMany(v => v.Errors).FirstOrDefault()?.ErrorMessage;

    /// <summary>What an empty cart shows; null when there is no product with a picture.</summary>
    public ProductCard? Idea { get; private set; }

    public async Task OnGetAsync(Guid? added, CancellationToken ct)
    {
        await ShowAsync(ct);
        Added = Cart?.Lines.FirstOrDefault(l => l.VariantId == added);
    }

    public async Task<IActionResult> OnPostQuantityAsync(Guid variantId, string? quantity, CancellationToken ct)
    {
        var outcome = int.TryParse(quantity?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var units)
            ? await carts.SetQuantityAsync(shopper.Owner, variantId, units, ct) : CartErrors.BadQuantity;
        if (outcome.Error is not { } refusal) return Show(outcome.Value);
        Typed = (variantId, quantity ?? "");
        return await RefuseAsync(refusal, ct);
    }

    public async Task<IActionResult> OnPostRemoveAsync(Guid variantId, CancellationToken ct)
    {
        var outcome = await carts.SetQuantityAsync(shopper.Owner, variantId, 0, ct);
        // Nothing left to remove it from: what the shopper wants is so already.
        return outcome.Error is null ? Show(outcome.Value) : Redirect("/cart");
    }

    /// <summary>The shopper agrees to the prices that the page showed.</summary>
    /// <param name="seen">The subtotal that the page showed, so that nobody agrees to what changed since.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<IActionResult> OnPostPricesAsync(decimal seen, CancellationToken ct) => await AgreeAsync(seen, ct) ?? Redirect("/cart");

    /// <summary>On to the checkout, at the prices that the page showed.</summary>
    public async Task<IActionResult> OnPostCheckOutAsync(decimal seen, CancellationToken ct) => await AgreeAsync(seen, ct) ?? Redirect("/checkout");

    /// <summary>Null when the shopper agreed; otherwise the page to show.</summary>
    private async Task<IActionResult?> AgreeAsync(decimal seen, CancellationToken ct)
    {
        if (await queries.FindAsync(shopper.Owner, ct) is not { } cart) return Redirect("/cart");
        if (!cart.CanCheckOut || cart.Subtotal.Amount != seen) return await RefuseAsync(Changed, ct);
        if (cart.Lines.Any(l => l.PriceChanged)) await carts.AcknowledgePricesAsync(cart.Id, ct);
        return null;
    }

    private RedirectResult Show(Cart cart)
    {
        Remember(cart.Id, cart.Units);
        return Redirect("/cart");
    }

    private async Task<IActionResult> RefuseAsync(ServiceError refusal, CancellationToken ct)
    {
        await ShowAsync(ct);
        return this.Refuse(refusal);
    }

    private async Task ShowAsync(CancellationToken ct)
    {
        Cart = await queries.FindAsync(shopper.Owner, ct);
        // Another tab, an order or another device may have changed it.
        if ((Cart?.Units ?? 0) != shopper.CartUnits) Remember(Cart?.Id ?? Guid.Empty, Cart?.Units ?? 0);
        ViewData["CartUnits"] = Cart?.Units ?? 0;
        if (Cart is null) Idea = (await catalog.WindowAsync(ct)).Featured.FirstOrDefault(p => p.Pictures.Count > 0);
    }

    private void Remember(Guid id, int units)
    {
        if (units > 0) shopper.RememberCart(id, units);
        else shopper.ForgetCart();
    }
}
