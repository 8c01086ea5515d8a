using Retail.Tests.Admin;
using Retail.Tests.FlashSales;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Retail.Web.Hosting;

namespace Retail.Tests.InBrowser;

/// <summary>Every page there is and every state a page can be in, one after the other, for tests that look at all of them.</summary>
internal static class Walks
{
    private const string Password = "longer than eight";

    /// <summary>As a guest and then as a customer; calls <paramref name="look"/> at each stop, with what it is.</summary>
    public static async Task ThroughTheStoreAsync(this Shop shop, Visitor visitor, Func<string, Task> look)
    {
        async Task At(string stop, string path)
        {
            await visitor.OpenAsync(path);
            await look(stop);
        }
        async Task After(string stop, string button)
        {
            await visitor.PressAsync(button);
            await look(stop);
        }

        await shop.HasSaleAsync("glow", quantity: 5);
        await At("home", "/");
        await At("list", "/products/");
        await At("category", "/products/?category=clothing&stock=1");
        await At("search", "/products/?q=radio");
        await At("search that forgave", "/products/?q=watring");
        await At("search that found nothing", "/products/?q=zzzqqq&category=books");
        await At("product with two options", "/products/everyday-organic-tee");
        await At("product without options", "/products/copperline-watering-can");
        await At("product sold out", "/products/bread-slowly?variant=LRP-BRD-PB");
        await At("product in a flash sale", "/products/glow");
        await At("no such page", "/products/no-such-thing");
        await At("empty cart", "/cart");

        await AddAsync(visitor, "keel-75-mechanical-keyboard?variant=TAC-K75-SIL");
        await AddAsync(visitor, "tidepool-stoneware-mug");
        await AddAsync(visitor, "tern-portable-radio");
        await look("cart, something added");
        await visitor.OpenAsync("/products/keel-75-mechanical-keyboard?variant=TAC-K75-SIL");
        await visitor.Page.Locator("#quantity").FillAsync("2");
        await After("too many for the cart", "Add to cart");
        await shop.SqlAsync("UPDATE variants SET price_amount = price_amount + 1 WHERE sku LIKE 'KLN-TID-%'");
        await At("cart, a price changed", "/cart");
        await At("checkout, a price changed", "/checkout");
        await shop.SqlAsync("UPDATE stock_items SET on_hand = 0 WHERE variant_id IN (SELECT id FROM variants WHERE sku = 'TAC-K75-SIL')");
        await At("cart, a line sold out", "/cart");
        await visitor.PressAsync("Remove Keel");
        await At("checkout", "/checkout");
        await After("checkout with errors", "Place order");
        await visitor.FillAsync(Buying.Filled(Buying.DeclinedCard));
        await After("checkout, card declined", "Place order");
        await visitor.FillAsync([("Card.Number", Buying.PayingCard), ("SecurityCode", "123")]);
        await After("order, just placed", "Place order");
        await At("order", new Uri(visitor.Page.Url).AbsolutePath);
        await At("find", "/orders/find");
        await After("find with errors", "Find it");
        await visitor.FillAsync([("Number", "999999"), ("Email", "eve@example.com")]);
        await After("found nothing", "Find it");

        await At("sign in", "/account/sign-in");
        await visitor.FillAsync([("Email", "ola@example.com"), ("Password", "wrong")]);
        await After("sign in refused", "Sign in");
        await At("password forgotten", "/account/forgot");
        await At("new password", "/account/reset");
        await At("register", "/account/register");
        await After("register with errors", "Create account");
        await visitor.FillAsync([("Name", "Ola"), ("Email", "ola@example.com"), ("Password", Password)]);
        await After("registered", "Create account");
        await At("account", "/account");
        await After("account with errors", "Change password");
        await At("no orders yet", "/orders");
        await AddAsync(visitor, "the-quiet-harbour");
        await visitor.OpenAsync("/checkout");
        await visitor.FillAsync(Buying.Filled(email: "ola@example.com"));
        await After("a customer's order", "Place order");
        await At("orders", "/orders");
        await At("not for shoppers", "/admin/");
    }

    /// <summary>As the admin.</summary>
    public static async Task ThroughTheAdminAreaAsync(this Shop shop, Visitor visitor, Func<string, Task> look)
    {
        await visitor.OpenAsync("/account/sign-in");
        await visitor.FillAsync([("Email", FirstStart.AdminEmail), ("Password", FirstStart.AdminPassword)]);
        await visitor.PressAsync("Sign in");
        foreach (var address in await shop.AdminAddressesAsync())
        {
            await visitor.OpenAsync(address);
            await look(address);
        }
        foreach (var state in (string[])["running", "waiting", "failed", "dead", "done"])
        {
            await visitor.OpenAsync($"/admin/jobs?state={state}");
            await look($"jobs that are {state}");
        }
        await visitor.OpenAsync("/admin/products?q=nothing-like-it");
        await look("a list that found nothing");
        foreach (var form in (string[])["products", "categories", "partners"])
        {
            await visitor.OpenAsync($"/admin/{form}/new");
            await visitor.PressAsync("Save");
            await look($"{form} form with errors");
        }
    }

    private static async Task AddAsync(Visitor visitor, string product)
    {
        await visitor.OpenAsync("/products/" + product);
        await visitor.PressAsync("Add to cart");
    }
}
