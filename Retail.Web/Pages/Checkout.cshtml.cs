using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Metrics;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages;

/// <summary>From a cart to an order, on one page.</summary>
[Personal]
public sealed class CheckoutModel(Checkout checkout, CartQueries carts, OrderQueries orders, ShippingRates shipping, CurrentShopper shopper, MetricRecorder metrics, TimeProvider clock) : PageModel
{
    [BindProperty] public CheckoutForm Input { get; set; } = new();

    [BindProperty] public CardForm Card { get; set; } = new();

    /// <summary>The key in the form: the same key is the same order.</summary>
    [BindProperty] public Guid CheckoutKey { get; set; }

    /// <summary>The stamp of the cart that the form's page showed.</summary>
    [BindProperty] public string? CartSeen { get; set; }

    public CartView Cart { get; private set; } = null!;

    public ShippingMethod Chosen => shipping.Find(Input.ShippingMethod ?? "") ?? shipping.Methods[0];

    /// <summary>The ways of sending this cart, and the class by which the style sheet shows what belongs to the ticked one.</summary>
    public IEnumerable<(ShippingMethod Method, Money Price, string Class)> Choices => shipping.Methods.Select((method, i) =>
        (method, ShippingRates.PriceOf(method, Cart.Subtotal), $"for-method m{i + 1}{(method == Chosen ? " chosen" : "")}"));

    /// <summary>The cart itself stands in the way: the message leads there.</summary>
    public bool CartIsToBlame { get; private set; }

    /// <summary>The card was typed, and is not shown again.</summary>
    public bool CardMustBeTypedAgain { get; private set; }

    /// <summary>Said once on the order's page.</summary>
    [TempData] public Guid? JustPlaced { get; set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (!await LoadAsync(ct) || !Cart.CanCheckOut) return Redirect("/cart");
        metrics.Record(MetricTypes.CheckoutStarted, 1, new { cart_id = Cart.Id });
        Input.ShippingMethod = Chosen.Code;
        if (shopper.CustomerId is { } customer)
        {
            Input.Email = User.FindFirstValue(ClaimTypes.Email) ?? "";
            Input.Name = shopper.Name;
            if (await orders.LastAddressAsync(customer, ct) is { } last)
                (Input.Name, Input.Line1, Input.Line2, Input.City, Input.Region, Input.Postcode, Input.Country) =
                    (last.Name, last.Line1, last.Line2, last.City, last.Region, last.Postcode, last.Country);
        }
        return Page();
    }

    /// <summary>Another way of sending was chosen in a browser that can't show its total by itself.</summary>
    public async Task<IActionResult> OnPostUpdateAsync(CancellationToken ct)
    {
        ForgetCard();
        ModelState.ClearValidationState("");
        foreach (var entry in ModelState.Values) entry.Errors.Clear();
        return await LoadAsync(ct) ? Page() : Redirect("/cart");
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!Countries.Knows(Input.Country)) ModelState.AddModelError("Input.Country", "Choose a country from the list.");
        if (shipping.Find(Input.ShippingMethod ?? "") is null) ModelState.TryAddModelError("Input.ShippingMethod", OrderErrors.UnknownShipping.Message);
        if (Card.Expiry is { Length: > 0 } && Card.RefuseExpiry(clock.GetUtcNow()) is { } expired) ModelState.AddModelError("Card.Expiry", expired);
        if (!ModelState.IsValid)
        {
            ForgetCard();
            if (!await LoadAsync(ct)) return await LeaveAsync(ct);
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }

        var card = Card.ToDetails();
        ForgetCard();
        var placed = await checkout.PlaceAsync(shopper.Owner, new CheckoutInput
        {
            CheckoutKey = CheckoutKey,
            CartSeen = CartSeen ?? "",
            Email = Input.Email.Trim(),
            Phone = Input.Phone?.Trim() ?? "",
            ShippingAddress = Input.ToAddress(),
            ShippingMethod = Input.ShippingMethod!,
            Card = card,
        }, ct);
        if (placed.Ok && placed.Value.Status != OrderStatus.Cancelled) return await ThankAsync(placed.Value, ct);
        if (!await LoadAsync(ct)) return await LeaveAsync(ct);
        if (placed.Error is { } error)
        {
            CartIsToBlame = error.Refusal is Refusal.Conflict or Refusal.NotFound;
            return this.Refuse(error, FieldOf(error));
        }
        this.Refuse(new(Refusal.Invalid, "card_declined", placed.Value.DeclineReason ?? "Your card was declined. Use another one."), "Card.Number");
        Response.StatusCode = StatusCodes.Status402PaymentRequired;
        return Page();
    }

    private async Task<bool> LoadAsync(CancellationToken ct)
    {
        if (await carts.FindAsync(shopper.Owner, ct) is not { } cart) return false;
        Cart = cart;
        return true;
    }

    private async Task<IActionResult> ThankAsync(CheckoutOutcome outcome, CancellationToken ct)
    {
        // What came into the cart in another tab, after the order, is still in it.
        if (await carts.FindAsync(shopper.Owner, ct) is { } left) shopper.RememberCart(left.Id, left.Units);
        else shopper.ForgetCart();
        if (!shopper.IsSignedIn) shopper.RememberOrder(outcome.OrderId);
        JustPlaced = outcome.OrderId;
        return Redirect($"/orders/{outcome.OrderId}");
    }

    /// <summary>Nothing is in the cart: the form's order, if it has one, is what the shopper looks for.</summary>
    private async Task<IActionResult> LeaveAsync(CancellationToken ct) =>
        Redirect(await checkout.FindOrderAsync(CheckoutKey, ct) is { } id && (shopper.IsSignedIn || shopper.RemembersOrder(id)) ? $"/orders/{id}" : "/cart");

    // Number and code are neither written into the page nor kept with what was typed.
    private void ForgetCard()
    {
        CardMustBeTypedAgain = !string.IsNullOrEmpty(Card.Number);
        (Card.Number, Card.SecurityCode) = ("", "");
        foreach (var field in new[] { "Card.Number", "Card.SecurityCode" })
            if (ModelState.ContainsKey(field)) ModelState.SetModelValue(field, null, null);
    }

    private static string FieldOf(ServiceError error) => error.Code switch
    {
        "incorrect_number" or "invalid_number" or "test_mode_live_card" => "Card.Number",
        "incorrect_cvc" or "invalid_cvc" => "Card.SecurityCode",
        "invalid_expiry_month" or "invalid_expiry_year" or "expired_card" => "Card.Expiry",
        _ => "",
    };
}
