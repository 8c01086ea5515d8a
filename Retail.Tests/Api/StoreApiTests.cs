using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Api;

/// <summary>Catalogue, cart and tokens.</summary>
public sealed class StoreApiTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Products_are_listed_as_on_the_page_and_shown_one_by_one()
    {
        using var caller = new ApiCaller(_shop);
        var (answer, list) = await caller.SendAsync(HttpMethod.Get, "/api/products/?q=radio");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(list!["items"]!.AsArray(), p => (string)p!["slug"]! == ApiCaller.Radio);
        var (_, radio) = await caller.SendAsync(HttpMethod.Get, "/api/products/" + ApiCaller.Radio);
        Assert.Equal(await ApiCaller.VariantAsync(_shop), (Guid)radio!["variants"]![0]!["id"]!);
        var (missing, problem) = await caller.SendAsync(HttpMethod.Get, "/api/products/no-such-thing");
        Assert.Equal((HttpStatusCode.NotFound, "unknown_product"), (missing.StatusCode, (string)problem!["code"]!));
        var (nowhere, other) = await caller.SendAsync(HttpMethod.Get, "/api/nowhere");
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), (nowhere.StatusCode, (string)other!["code"]!));
    }

    [Fact]
    public async Task A_customers_cart_is_filled_changed_and_emptied()
    {
        using var mara = await ApiCaller.ForAsync(_shop, "mara@example.com");
        var radio = await ApiCaller.VariantAsync(_shop);
        var (added, cart) = await mara.SendAsync(HttpMethod.Post, "/api/cart/", new { variantId = radio, quantity = 2 });
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.Equal(2, (int)cart!["units"]!);
        (_, cart) = await mara.SendAsync(HttpMethod.Put, $"/api/cart/{radio}", new { quantity = 1 });
        Assert.Equal((decimal)cart!["lines"]![0]!["unitPrice"]!["amount"]!, (decimal)cart["subtotal"]!["amount"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await mara.SendAsync(HttpMethod.Put, $"/api/cart/{radio}", new { quantity = 21 })).Answer.StatusCode);
        (_, cart) = await mara.SendAsync(HttpMethod.Get, "/api/cart");
        Assert.Equal(1, (int)cart!["units"]!);
        (_, cart) = await mara.SendAsync(HttpMethod.Delete, $"/api/cart/{radio}");
        Assert.Equal(0, (int)cart!["units"]!);
    }

    [Fact]
    public async Task A_guests_cart_is_in_the_answers_cookie()
    {
        var browser = await _shop.OpenAsync("/products/" + ApiCaller.Radio);
        var variant = await ApiCaller.VariantAsync(_shop);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.BaseAddress, "/api/cart")) { Content = System.Net.Http.Json.JsonContent.Create(new { variantId = variant, quantity = 3 }) };
        using var answer = await browser.SendAsideAsync(request);
        Assert.Contains("\"units\":3", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await browser.OpenAsync("/cart");
        Assert.Contains("Tern", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_renewed_until_the_password_changes()
    {
        using var mara = await ApiCaller.ForAsync(_shop, "mara@example.com");
        var (_, tokens) = await mara.SendAsync(HttpMethod.Post, "/api/auth/token", new { userName = "mara@example.com", password = ApiCaller.Password });
        var (renewed, fresh) = await mara.SendAsync(HttpMethod.Post, "/api/auth/refresh", new { refreshToken = (string)tokens!["refreshToken"]! });
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        mara.Carry((string)fresh!["accessToken"]!);
        Assert.Equal(HttpStatusCode.OK, (await mara.SendAsync(HttpMethod.Get, "/api/orders")).Answer.StatusCode);

        await _shop.SqlAsync("UPDATE customers SET security_stamp = 'CHANGED'");
        var (ended, problem) = await mara.SendAsync(HttpMethod.Post, "/api/auth/refresh", new { refreshToken = (string)tokens["refreshToken"]! });
        Assert.Equal((HttpStatusCode.Unauthorized, "token_invalid"), (ended.StatusCode, (string)problem!["code"]!));
    }

    [Fact]
    public async Task Wrong_passwords_end_in_a_lockout()
    {
        using var mara = await ApiCaller.ForAsync(_shop, "mara@example.com");
        for (var i = 0; i < 9; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await mara.SendAsync(HttpMethod.Post, "/api/auth/token", new { email = "mara@example.com", password = "not hers" })).Answer.StatusCode);
        await mara.SendAsync(HttpMethod.Post, "/api/auth/token", new { email = "mara@example.com", password = "not hers" });
        var (locked, problem) = await mara.SendAsync(HttpMethod.Post, "/api/auth/token", new { email = "mara@example.com", password = ApiCaller.Password });
        Assert.Equal((HttpStatusCode.TooManyRequests, "locked_out"), (locked.StatusCode, (string)problem!["code"]!));
    }

    [Fact]
    public async Task The_API_describes_itself_and_says_whether_cart_and_checkout_work()
    {
        using var caller = new ApiCaller(_shop);
        var (_, document) = await caller.SendAsync(HttpMethod.Get, "/api/openapi.json");
        var paths = document!["paths"]!.AsObject().Select(p => p.Key.TrimEnd('/')).ToList();
        Assert.Contains("/api/orders", paths);
        Assert.All(paths, path => Assert.StartsWith("/api/", path, StringComparison.Ordinal));
        foreach (var part in new[] { "cart", "checkout" })
        {
            var (answer, status) = await caller.SendAsync(HttpMethod.Get, $"/api/{part}/status");
            Assert.Equal((HttpStatusCode.OK, "operational", true), (answer.StatusCode, (string)status!["status"]!, (bool)status["success"]!));
        }
    }
}
