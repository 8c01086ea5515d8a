using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Accounts;

public sealed class SignInTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_guests_cart_joins_the_customers_at_sign_in_and_stays_with_the_account_at_sign_out()
    {
        var browser = await RegisterAsync("ola@example.com");
        await AddAsync(browser, "the-quiet-harbour");
        await browser.OpenAsync("/account");
        await browser.SubmitAsync("Sign out");
        await browser.OpenAsync("/cart");
        Assert.Contains("cart is empty", browser.Text, StringComparison.OrdinalIgnoreCase);

        await AddAsync(browser, "tern-portable-radio");
        await SignInAsync(browser, "ola@example.com", "longer than eight");
        await browser.OpenAsync("/cart");
        Assert.Contains("The Quiet Harbour", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Tern", browser.Text, StringComparison.Ordinal);
        Assert.Equal(1L, await _shop.SqlAsync("SELECT count(*) FROM carts"));
    }

    [Fact]
    public async Task Unknown_people_and_wrong_passwords_hear_the_same()
    {
        await RegisterAsync("ola@example.com");
        var browser = await _shop.OpenAsync("/account/sign-in");
        await SignInAsync(browser, "ola@example.com", "not hers");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.DoesNotContain("not hers", browser.Document.DocumentElement.OuterHtml, StringComparison.Ordinal);
        var wrong = browser.Text;
        await SignInAsync(browser, "nobody@example.com", "not hers");
        Assert.Equal(wrong, browser.Text);
    }

    [Fact]
    public async Task After_ten_wrong_passwords_even_the_right_one_waits()
    {
        await RegisterAsync("ola@example.com");
        var browser = await _shop.OpenAsync("/account/sign-in");
        for (var i = 0; i < 10; i++) await SignInAsync(browser, "ola@example.com", "guess");
        await SignInAsync(browser, "ola@example.com", "longer than eight");
        Assert.Equal(HttpStatusCode.TooManyRequests, browser.Status);
        Assert.Contains("wait five minutes", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_in_leads_back_to_where_one_was_and_never_to_another_site()
    {
        var browser = await _shop.OpenAsync("/orders");
        await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "admin123"));
        Assert.Equal("/orders", browser.Uri.AbsolutePath);
        var other = await _shop.OpenAsync("/account/sign-in?returnUrl=https://elsewhere.example/");
        await other.SubmitAsync("Sign in", ("Email", "admin@example.com"), ("Password", "admin123"));
        Assert.Equal(_shop.BaseAddress, other.Uri);
    }

    [Fact]
    public async Task A_customer_changes_name_and_password()
    {
        var browser = await RegisterAsync("ola@example.com");
        await browser.OpenAsync("/account");
        await browser.SubmitAsync("Save", ("Name", "Ola Nordmann"));
        Assert.Contains("Saved", browser.Text, StringComparison.Ordinal);
        Assert.Equal("Your account, Ola Nordmann", browser.Document.QuerySelector("a[href='/account']")?.TextContent);
        await browser.SubmitAsync("Change password", ("Current", "wrong"), ("Next", "another long one"));
        Assert.Contains("not your current password", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync("Change password", ("Current", "longer than eight"), ("Next", "another long one"));
        Assert.Contains("Your password is changed", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync("Sign out");
        await SignInAsync(browser, "ola@example.com", "another long one");
        await browser.OpenAsync("/account");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Equal("/account", browser.Uri.AbsolutePath);
    }

    [Fact]
    public async Task An_account_form_without_its_token_is_refused()
    {
        var browser = await _shop.OpenAsync("/account/sign-in");
        using var bare = new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.BaseAddress, "/account/sign-in"))
        {
            Content = new FormUrlEncodedContent([new("Email", "admin"), new("Password", "admin123")]),
        };
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.SendAsideAsync(bare)).StatusCode);
    }

    private async Task<Browser> RegisterAsync(string email)
    {
        var browser = await _shop.OpenAsync("/account/register");
        await browser.SubmitAsync("Create account", ("Name", "Ola"), ("Email", email), ("Password", "longer than eight"));
        Assert.Equal(_shop.BaseAddress, browser.Uri);
        return browser;
    }

    private static async Task SignInAsync(Browser browser, string name, string password)
    {
        await browser.OpenAsync("/account/sign-in");
        await browser.SubmitAsync("Sign in", ("Email", name), ("Password", password));
    }

    private static async Task AddAsync(Browser browser, string product)
    {
        await browser.OpenAsync("/products/" + product);
        await browser.SubmitAsync("Add to cart");
    }
}
