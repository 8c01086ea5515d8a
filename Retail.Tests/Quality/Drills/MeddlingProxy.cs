using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Retail.Tests.Quality.Drills;

/// <summary>Stands between a drill and the store and changes what passes, as if the store itself did wrong.</summary>
internal sealed class MeddlingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    private MeddlingProxy(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public static async Task<MeddlingProxy> StartAsync(Uri store, Action<HttpRequestMessage>? onRequest = null, Action<HttpResponse>? onAnswer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var proxy = new MeddlingProxy(builder.Build());
        proxy._app.Run(context => proxy.PassAsync(context, store, onRequest, onAnswer));
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context, Uri store, Action<HttpRequestMessage>? onRequest, Action<HttpResponse>? onAnswer)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(store, $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString}"));
        if (!HttpMethods.IsGet(context.Request.Method)) request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers)
            if (name is not ("Host" or "Transfer-Encoding") && !request.Headers.TryAddWithoutValidation(name, values.ToArray())) request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        onRequest?.Invoke(request);
        using var answer = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            if (name != "Transfer-Encoding") context.Response.Headers[name] = values.ToArray();
        onAnswer?.Invoke(context.Response);
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
