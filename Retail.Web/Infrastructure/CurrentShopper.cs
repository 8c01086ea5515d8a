using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.DataProtection;
using Retail.Core.Accounts;
using Retail.Core.Carts;

namespace Retail.Web.Infrastructure;

/// <summary>Who looks at the page: the customer if signed in, and what the browser's cookies say of cart and guest orders.</summary>
public sealed class CurrentShopper(IHttpContextAccessor accessor, IDataProtectionProvider protection, TimeProvider clock)
{
    public const string CartCookie = "retail-cart";
    private const string OrdersCookie = "retail-orders";
    private const int OrdersRemembered = 10;

    private readonly IDataProtector _orders = protection.CreateProtector("guest-orders");

    private HttpContext Context => accessor.HttpContext ?? throw new InvalidOperationException("There is a shopper only during a request.");

    public Guid? CustomerId => Guid.TryParse(Context.User.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? id : null;

    public bool IsSignedIn => CustomerId is not null;

    public bool IsAdmin => Context.User.IsInRole(Roles.Admin);

    public string Name => Context.User.FindFirstValue(ClaimTypes.GivenName) ?? Context.User.Identity?.Name ?? "";

    /// <summary>Whose cart: the customer's, or the one that the cookie names.</summary>
    public CartOwner Owner => new(ReadCart().Id, CustomerId);

    /// <summary>Units in the cart as the cookie tells, for the header: no query for each page.</summary>
    public int CartUnits => ReadCart().Units;

    /// <summary>Remembers the cart in this browser for 30 days.</summary>
    public void RememberCart(Guid id, int units) => Context.Response.Cookies.Append(
        CartCookie, string.Create(CultureInfo.InvariantCulture, $"{id:N}.{units}"), Cookie(Cart.KeptFor));

    /// <summary>The cart is empty: pages are again what everybody sees.</summary>
    public void ForgetCart() => Context.Response.Cookies.Delete(CartCookie, Cookie(TimeSpan.Zero));

    /// <summary>A guest may see this order again in this browser.</summary>
    public void RememberOrder(Guid orderId)
    {
        var ids = ReadOrders().Prepend(orderId).Distinct().Take(OrdersRemembered).Select(id => id.ToString("N"));
        Context.Response.Cookies.Append(OrdersCookie, _orders.Protect(string.Join('.', ids)), Cookie(TimeSpan.FromDays(30)));
    }

    /// <summary>This browser placed the guest order, or named its number and email.</summary>
    public bool RemembersOrder(Guid orderId) => ReadOrders().Contains(orderId);

    private static bool ReadGuid(string? text, out Guid id) => Guid.TryParseExact(text, "N", out id);

    private (Guid? Id, int Units) ReadCart() =>
        Context.Request.Cookies[CartCookie]?.Split('.', 2) is [var id, var units] && ReadGuid(id, out var cart)
        && int.TryParse(units, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (cart, Math.Min(count, 999)) : (null, 0);

    private IEnumerable<Guid> ReadOrders()
    {
        if (Context.Request.Cookies[OrdersCookie] is not { Length: < 4000 } cookie) return [];
        try
        {
            return [.. _orders.Unprotect(cookie).Split('.').Select(text => ReadGuid(text, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)];
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return [];   // not ours, or of a key that is gone: the guest looks the order up by number and email
        }
    }

    private CookieOptions Cookie(TimeSpan age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = Context.Request.IsHttps,
        IsEssential = true,
        Path = "/",
        Expires = clock.GetUtcNow() + age,
    };
}
