using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Api;
using Retail.Web.Infrastructure;
using Retail.Web.Pages.Products;

namespace Retail.Web.Pages;

/// <summary>
/// "Buy now" of a flash item. With contact, address and a card's token in the form it is ordered at once; otherwise it goes into
/// the cart and the shopper to the checkout. The page itself is only seen when that can't be.
/// </summary>
[Personal]
public sealed class FlashCheckoutModel(
    FlashCheckout flash, FlashLimits limits, CartService carts, PromptCharges charges, CurrentShopper shopper, ShippingRates shipping) : PageModel
{
    public FlashItem? Item { get; private set; }

    public string Heading { get; private set; } = "";

    public string Message { get; private set; } = "";

    public IActionResult OnGet() => Redirect("/products/");

    /// <summary>Buys or forwards.</summary>
    /// <param name="variantId">What the page showed.</param>
    /// <param name="sku">In its stead, from a form of another make.</param>
    /// <param name="quantity">Units, as typed.</param>
    /// <param name="key">The form's key: the same key is the same order.</param>
    /// <param name="paymentMethod">A card's token; null when the checkout is to ask for everything.</param>
    /// <param name="details">Contact and address, beside the token.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<IActionResult> OnPostAsync(Guid? variantId, string? sku, string? quantity, string? key, string? paymentMethod, CheckoutForm details, CancellationToken ct)
    {
        var asked = Stopwatch.GetTimestamp();
        // Without scripts another variant may be chosen than the one that the page shows.
        Item = flash.Find(variantId, sku);
        if (Item is { } shown && VariantChoice.Read(shown.Product, name => Request.Form[name]) is { } chosen)
            Item = VariantChoice.Exact(shown.Product, chosen) is { Flash: { } offer } variant ? new(shown.Product, variant, offer) : null;
        if (Item is not { } item)
        {
            return key is { Length: > 0 } && await flash.FindEarlierAsync(shopper.CustomerId, details.Email?.Trim() ?? "", key.Trim(), ct) is { } earlier
                ? await ShowAsync(earlier.Id, asked) : Say(FlashErrors.None);
        }
        if (!int.TryParse(quantity?.Trim() ?? "1", NumberStyles.None, CultureInfo.InvariantCulture, out var units)) return Say(CartErrors.BadQuantity);
        if (paymentMethod is null)
        {
            if (flash.Refuse(item, units) is { } gone) return Say(gone);
            return IsThrottled(item) ? Page() : await ForwardAsync(item, units, ct);
        }
        if (key?.Trim() is not { Length: > 0 and <= FlashOrder.MaxKeyLength } own) return Say(FlashErrors.MissingKey);
        if (FlashCheckoutEndpoint.Refuse(details, paymentMethod, shipping) is { } incomplete) return Say(incomplete);
        var order = new FlashOrder
        {
            Key = own,
            Item = item,
            Quantity = units,
            CustomerId = shopper.CustomerId,
            Email = details.Email.Trim(),
            Phone = details.Phone?.Trim() ?? "",
            ShippingAddress = details.ToAddress(),
            ShippingMethod = details.ShippingMethod,
            PaymentMethod = new(paymentMethod, "card", ""),
        };
        var answer = flash.AnswerFromMemory(order);
        if (answer is null && IsThrottled(item)) return Page();
        answer ??= await flash.PlaceAsync(order, ct);
        if (answer.Value.Error is { } refusal) return Say(refusal);
        return await ShowAsync(answer.Value.Value.Id, asked);
    }

    private async Task<IActionResult> ShowAsync(Guid orderId, long asked)
    {
        if (!shopper.IsSignedIn) shopper.RememberOrder(orderId);
        await charges.ChargeInTimeAsync(orderId, asked);
        return Redirect($"/orders/{orderId}");
    }

    private async Task<IActionResult> ForwardAsync(FlashItem item, int units, CancellationToken ct)
    {
        // A second click sets the same number again instead of adding to it.
        var cart = await carts.SetQuantityAsync(shopper.Owner, item.Variant.Id, units, ct);
        if (cart.Error == CartErrors.NoCart || (cart.Ok && cart.Value.Lines.All(l => l.VariantId != item.Variant.Id)))
            cart = await carts.AddAsync(shopper.Owner, item.Variant.Id, units, ct);
        if (cart.Error is { } refusal) return Say(refusal);
        shopper.RememberCart(cart.Value.Id, cart.Value.Units);
        return Redirect("/checkout");
    }

    private bool IsThrottled(FlashItem item)
    {
        if (limits.Refuse(shopper.UserKey(HttpContext), item.Variant.Sku) is not { } wait) return false;
        Response.Headers.RetryAfter = FlashCheckoutEndpoint.RetryAfter(wait);
        Say(FlashErrors.TooManyAttempts);
        return true;
    }

    private PageResult Say(ServiceError refusal)
    {
        Heading = refusal.Code switch
        {
            "flash_sold_out" or "sold_out" => "Just missed it",
            "flash_not_started" => "Not yet",
            "too_many_attempts" => "A little slower, please",
            _ => "That can\u2019t be bought so",
        };
        Message = refusal.Message;
        Response.StatusCode = refusal.Status();
        return Page();
    }
}
