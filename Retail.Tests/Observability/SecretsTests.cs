using System.Net;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>What people trust the store with is not in its logs, whatever they do and however it goes wrong.</summary>
public sealed class SecretsTests(TestDatabase database)
{
    private const string Password = "correct-horse-7f3a", WrongPassword = "guessed-staple-91cc", SecurityCode = "8642";

    [Fact]
    public async Task No_password_card_code_token_or_cookie_is_ever_logged()
    {
        var secrets = new HashSet<string> { Password, WrongPassword, SecurityCode, FirstStart.AdminPassword };
        foreach (var card in (string[])[Buying.PayingCard, Buying.DeclinedCard, Buying.PoorCard, "4242424242424241"])
            secrets.UnionWith([card, card.Replace(" ", "", StringComparison.Ordinal)]);
        await using var shop = await Shop.StartAsync(database, worker: true, "--Logs:MinimumLevel=Trace");

        var customer = await shop.OpenAsync("/account/register?returnUrl=/products/the-quiet-harbour");
        await customer.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "not-an-address"), ("Password", Password));
        await customer.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "ola@example.com"), ("Password", Password));
        await customer.SubmitAsync("Add to cart");
        await customer.OpenAsync("/checkout");
        await customer.PlaceOrderAsync("4242424242424241", other: ("SecurityCode", SecurityCode));
        await customer.PlaceOrderAsync(Buying.DeclinedCard, other: ("SecurityCode", SecurityCode));
        await customer.PlaceOrderAsync(other: ("SecurityCode", SecurityCode));
        Assert.Contains("Thank you, Mara", customer.Text, StringComparison.Ordinal);
        Keep(customer);
        await customer.OpenAsync("/account");
        Keep(customer);
        await customer.SubmitAsync("Change password", ("Current", WrongPassword), ("Next", Password + "!"));
        var guest = await shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync(Buying.PoorCard, other: ("SecurityCode", SecurityCode));
        await guest.PlaceOrderAsync(other: ("SecurityCode", SecurityCode));
        Keep(guest);

        var admin = await shop.OpenAsync("/account/sign-in");
        await admin.SubmitAsync("Sign in", ("Email", FirstStart.AdminEmail), ("Password", WrongPassword));
        await admin.SubmitAsync("Sign in", ("Email", WrongPassword), ("Password", FirstStart.AdminPassword));
        await admin.SubmitAsync("Sign in", ("Email", FirstStart.AdminEmail), ("Password", FirstStart.AdminPassword));
        await admin.OpenAsync("/admin/products/new");
        Keep(admin);
        using var forged = new HttpRequestMessage(HttpMethod.Post, new Uri(shop.BaseAddress, "/account/sign-in?password=" + WrongPassword))
        {
            Content = new FormUrlEncodedContent([new("Email", "admin"), new("Password", Password)]),
        };
        using var refused = await admin.SendAsideAsync(forged);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        // What breaks in the middle is logged with all that hangs on it.
        var unlucky = await shop.AtCheckoutAsync();
        await shop.SqlAsync("ALTER TABLE carts RENAME TO carts_away");
        await unlucky.PlaceOrderAsync(other: ("SecurityCode", SecurityCode));
        Assert.Equal(HttpStatusCode.InternalServerError, unlucky.Status);
        Keep(unlucky);

        await shop.StopAsync();
        var log = await File.ReadAllTextAsync(shop.LogFile, TestContext.Current.CancellationToken);
        Assert.Contains("/account/register", log, StringComparison.Ordinal);
        Assert.Contains("42P01", log, StringComparison.Ordinal);
        Assert.True(secrets.Count > 15, "Cookies and tokens were seen.");
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));

        void Keep(Browser browser)
        {
            foreach (Cookie cookie in browser.Cookies.GetAllCookies()) secrets.Add(Uri.UnescapeDataString(cookie.Value));
            foreach (var field in browser.Document.QuerySelectorAll("[name=__RequestVerificationToken]")) secrets.Add(field.GetAttribute("value")!);
        }
    }
}
