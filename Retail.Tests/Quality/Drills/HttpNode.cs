using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Retail.Tests.Quality.Drills;

/// <summary>A node that answers whatever it is told to.</summary>
internal sealed class HttpNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpNode(WebApplication app, string says) => (_app, Says) = (app, says);

    public string Says { get; set; }

    public Uri Address => new(_app.Urls.First());

    public static async Task<HttpNode> StartAsync(string says)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var node = new HttpNode(builder.Build(), says);
        node._app.Run(context => context.Response.WriteAsync(node.Says));
        await node._app.StartAsync();
        return node;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
