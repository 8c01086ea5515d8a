using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Accounts;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Api;

/// <summary>A program that uses the store: keeps no cookies, sends a token once it has one.</summary>
internal sealed class ApiCaller(Shop shop) : IDisposable
{
    public const string Password = "longer than eight", Radio = "tern-portable-radio";

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = shop.BaseAddress };

    /// <summary>A program of a new account, with its token.</summary>
    public static async Task<ApiCaller> ForAsync(Shop shop, string email)
    {
        await using (var scope = shop.Services.CreateAsyncScope())
            Assert.True((await scope.ServiceProvider.GetRequiredService<AccountService>().RegisterAsync(email, Password, "", TestContext.Current.CancellationToken)).Ok);
        var caller = new ApiCaller(shop);
        var (answer, body) = await caller.SendAsync(HttpMethod.Post, "/api/auth/token", new { email, password = Password });
        Assert.True(answer.IsSuccessStatusCode, body?.ToString());
        caller.Carry((string)body!["accessToken"]!);
        return caller;
    }

    public void Carry(string token) => Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public async Task<(HttpResponseMessage Answer, JsonNode? Body)> SendAsync(HttpMethod method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    public Task<(HttpResponseMessage Answer, JsonNode? Body)> OrderAsync(string key, object body) => SendAsync(HttpMethod.Post, "/api/orders", body, key);

    /// <summary>An order of one line.</summary>
    public static JsonObject Order(Guid variant, int quantity = 1, string card = "pm_card_visa") => new()
    {
        ["lines"] = new JsonArray(new JsonObject { ["variantId"] = variant, ["quantity"] = quantity }),
        ["shippingAddress"] = new JsonObject { ["name"] = "Mara Lindqvist", ["line1"] = "118 Orchard Lane", ["city"] = "Portland", ["postcode"] = "97214", ["country"] = "US" },
        ["shippingMethod"] = "standard",
        ["paymentMethod"] = new JsonObject { ["id"] = card, ["brand"] = "visa", ["last4"] = "4242" },
    };

    public static async Task<Guid> VariantAsync(Shop shop, string product = Radio) => (Guid)(await shop.SqlAsync(
        "SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = $1 ORDER BY v.position LIMIT 1", product))!;

    public void Dispose() => Http.Dispose();
}
