using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Retail.Tests.Api;
using Xunit;

namespace Retail.Tests.Crash;

/// <summary>A program that orders at several nodes of a store over HTTP, with an account of its own.</summary>
internal sealed class ApiBuyer : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _token;

    private ApiBuyer(HttpClient http, string token) => (_http, _token) = (http, token);

    /// <summary>Signs in at a node; the token is good at all of them, and after each start.</summary>
    /// <param name="store">Any node.</param>
    /// <param name="name">An account's name or email.</param>
    /// <param name="password">Its password.</param>
    /// <param name="connections">The most requests at once to one node.</param>
    public static async Task<ApiBuyer> SignInAsync(Uri store, string name = "admin", string password = "admin123", int connections = 128)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false, MaxConnectionsPerServer = connections }) { Timeout = TimeSpan.FromSeconds(100) };
        using var answer = await http.PostAsJsonAsync(new Uri(store, "/api/auth/token"), new { userName = name, password }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return new(http, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["accessToken"]!);
    }

    /// <summary>Orders under a key; the code of a refusal, or "accepted" with the order.</summary>
    /// <exception cref="HttpRequestException">Nobody answered, or not to the end.</exception>
    public Task<(string Code, Guid? Order, HttpStatusCode Status)> OrderAsync(Uri store, string key, params (Guid Variant, int Quantity)[] lines) => OrderAsync(store, key, "pm_card_visa", lines);

    /// <summary>The same with another card.</summary>
    public async Task<(string Code, Guid? Order, HttpStatusCode Status)> OrderAsync(Uri store, string key, string card, params (Guid Variant, int Quantity)[] lines)
    {
        var body = ApiCaller.Order(lines[0].Variant, lines[0].Quantity, card);
        foreach (var (variant, quantity) in lines.Skip(1)) body["lines"]!.AsArray().Add(new JsonObject { ["variantId"] = variant, ["quantity"] = quantity });
        body["email"] = $"{key}@example.com";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(store, "/api/orders")) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", _token);
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var json = text.StartsWith('{') ? JsonNode.Parse(text) : null;
        return answer.StatusCode == HttpStatusCode.Accepted ? ("accepted", (Guid)json!["id"]!, answer.StatusCode) : ((string?)json?["code"] ?? text, null, answer.StatusCode);
    }

    public void Dispose() => _http.Dispose();
}
