using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Retail.Tests.Notifications;

/// <summary>What a service was sent.</summary>
internal sealed record Posted(string Path, string Authorization, string IdempotencyKey, JsonElement Body);

/// <summary>A mail and text message service on a real socket that takes all.</summary>
internal sealed class HttpService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpService(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public ConcurrentBag<Posted> Requests { get; } = [];

    public static async Task<HttpService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var service = new HttpService(app);
        app.MapPost("/{**path}", async (HttpRequest request) =>
        {
            var body = await request.ReadFromJsonAsync<JsonElement>();
            service.Requests.Add(new(request.Path, request.Headers.Authorization.ToString(), request.Headers["Idempotency-Key"].ToString(), body));
        });
        await app.StartAsync();
        return service;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
