using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;
using Retail.Web.Pages;

namespace Retail.Web.Api;

/// <summary>What a program sends to buy a flash item; either <see cref="Sku"/> or <see cref="VariantId"/> names it.</summary>
public sealed record FlashCheckoutBody
{
    public string? Sku { get; init; }

    public Guid? VariantId { get; init; }

    public int Quantity { get; init; } = 1;

    public string? Email { get; init; }

    public string? Phone { get; init; }

    public AddressBody? ShippingAddress { get; init; }

    public string? ShippingMethod { get; init; }

    /// <summary>The gateway's token of a card: pm_…</summary>
    public string? PaymentMethod { get; init; }

    public sealed record AddressBody(string? Name, string? Line1, string? Line2, string? City, string? Region, string? Postcode, string? Country);
}

/// <summary>A flash order as it was accepted.</summary>
public sealed record FlashAccepted(Guid Id, long Number, string Status, decimal Total, string Currency, bool Replayed);

/// <summary>Buys one flash item in one request, for programs. Forms go to the page at the same address.</summary>
public static partial class FlashCheckoutEndpoint
{
    public const string Path = "/cart/flash-checkout";

    private static readonly ServiceError NotJson = new(Refusal.Invalid, "malformed_json", "The request is not the JSON object that is expected here. Check it against the API's description.");
    private static readonly ServiceError BadPayment = new(Refusal.Invalid, "bad_payment_method", "Send the gateway\u2019s token of a card, such as pm_1a2b. Card numbers are never accepted.");

    public static IEndpointRouteBuilder MapFlashCheckout(this IEndpointRouteBuilder app)
    {
        app.MapPost(Path, BuyAsync).Accepts<FlashCheckoutBody>("application/json").ExcludeFromDescription();
        return app;
    }

    /// <summary>Whose attempts are counted together: the customer's, a guest's by address. A cookie proves nothing: anybody makes up as many as he likes.</summary>
    public static string UserKey(this CurrentShopper shopper, HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(shopper);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Request.DrillBuyer() is { } buyer) return buyer;
        return shopper.CustomerId is { } id ? $"customer {id}" : $"address {AddressOf(context.Connection.RemoteIpAddress)}";
    }

    // An IPv6 connection has a network of its own to choose addresses from, so the network counts.
    private static string AddressOf(IPAddress? address) => address switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } => Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8)),
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => address.ToString(),
    };

    /// <summary>What is wrong with contact, address, shipping or token; null when all can be ordered with.</summary>
    public static ServiceError? Refuse(CheckoutForm details, string? paymentMethod, ShippingRates shipping)
    {
        ArgumentNullException.ThrowIfNull(details);
        ArgumentNullException.ThrowIfNull(shipping);
        var wrong = new List<ValidationResult>();
        if (!Validator.TryValidateObject(details, new ValidationContext(details), wrong, validateAllProperties: true))
            return new ServiceError(Refusal.Invalid, "invalid_details", wrong[0].ErrorMessage ?? "Something is missing. Fill in all fields.", wrong[0].MemberNames.FirstOrDefault() ?? "");
        if (!Countries.Knows(details.Country)) return new ServiceError(Refusal.Invalid, "invalid_details", "Send the country as one of the two-letter codes that the store delivers to.", nameof(CheckoutForm.Country));
        if (shipping.Find(details.ShippingMethod) is null) return OrderErrors.UnknownShipping;
        return Token().IsMatch(paymentMethod ?? "") ? null : BadPayment;
    }

    public static string RetryAfter(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private static async Task<IResult> BuyAsync(HttpContext context, FlashCheckout flash, FlashLimits limits, CurrentShopper shopper, ShippingRates shipping, PromptCharges charges, CancellationToken ct)
    {
        if (await ReadAsync(context.Request, ct) is not { } body) return NotJson.ToProblem();
        var key = context.Request.Headers["X-Idempotency-Key"].ToString().Trim();
        if (key.Length is 0 or > FlashOrder.MaxKeyLength) return FlashErrors.MissingKey.ToProblem();
        if (flash.Find(body.VariantId, body.Sku) is not { } item)
            return await flash.FindEarlierAsync(shopper.CustomerId, body.Email?.Trim() ?? "", key, ct) is { } earlier ? Answer(earlier, shopper) : (IResult)FlashErrors.None.ToProblem();
        var details = new CheckoutForm
        {
            Email = body.Email ?? "",
            Phone = body.Phone,
            Name = body.ShippingAddress?.Name ?? "",
            Line1 = body.ShippingAddress?.Line1 ?? "",
            Line2 = body.ShippingAddress?.Line2,
            City = body.ShippingAddress?.City ?? "",
            Region = body.ShippingAddress?.Region,
            Postcode = body.ShippingAddress?.Postcode ?? "",
            Country = body.ShippingAddress?.Country ?? "",
            ShippingMethod = body.ShippingMethod ?? "",
        };
        if (Refuse(details, body.PaymentMethod, shipping) is { } incomplete) return incomplete.ToProblem();
        var order = new FlashOrder
        {
            Key = key,
            Item = item,
            Quantity = body.Quantity,
            CustomerId = shopper.CustomerId,
            Email = details.Email.Trim(),
            Phone = details.Phone?.Trim() ?? "",
            ShippingAddress = details.ToAddress(),
            ShippingMethod = details.ShippingMethod,
            PaymentMethod = new(body.PaymentMethod!, "card", ""),
        };
        var answer = flash.AnswerFromMemory(order);
        if (answer is null && limits.Refuse(shopper.UserKey(context), item.Variant.Sku) is { } wait)
        {
            context.Response.Headers.RetryAfter = RetryAfter(wait);
            return FlashErrors.TooManyAttempts.ToProblem();
        }
        answer ??= await flash.PlaceAsync(order, ct);
        if (answer.Value.Error is { } refusal) return refusal.ToProblem();
        var accepted = answer.Value.Value;
        if (!accepted.Replayed) charges.Ask(accepted.Id);
        return Answer(accepted, shopper);
    }

    private static Accepted<FlashAccepted> Answer(AcceptedOrder accepted, CurrentShopper shopper)
    {
        if (!shopper.IsSignedIn) shopper.RememberOrder(accepted.Id);
        return TypedResults.Accepted($"/api/orders/{accepted.Id}", new FlashAccepted(accepted.Id, accepted.Number, "accepted", accepted.Total.Amount, accepted.Total.Currency, accepted.Replayed));
    }

    private static async Task<FlashCheckoutBody?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await request.ReadFromJsonAsync<FlashCheckoutBody>(ct);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("^pm_[A-Za-z0-9_]{1,90}$")]
    private static partial Regex Token();
}
