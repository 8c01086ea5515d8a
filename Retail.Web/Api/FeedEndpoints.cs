using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Retail.Core.Common;
using Retail.Core.Partners.Feeds;
using Retail.Web.Hosting;

namespace Retail.Web.Api;

/// <summary>What machines fetch: feeds of all products, sitemaps, robots.txt. None is ever empty: while there is nothing to tell, the answer is "later".</summary>
public static class FeedEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];
    private static readonly StringValues Later = "30", Revalidate = "no-cache", OneHour = "public, max-age=3600";

    public static IEndpointRouteBuilder MapFeeds(this IEndpointRouteBuilder app)
    {
        foreach (var feed in app.ServiceProvider.GetServices<IOutFeed>())
            app.MapMethods($"/feeds/{feed.FileName}", Reading, (HttpContext context, FeedsOut feeds) => SendAsync(context, feed, feeds)).RequireRateLimiting(Storefront.FeedLimit).ExcludeFromDescription();
        app.MapMethods("/sitemap.xml", Reading, (HttpContext context, Sitemap map) => SendMapAsync(context, map, (target, site, ct) => map.WriteIndexAsync(target, site, ct))).ExcludeFromDescription();
        app.MapMethods("/sitemaps/lists.xml", Reading, (HttpContext context, Sitemap map) => SendMapAsync(context, map, (target, site, ct) => map.WriteListsAsync(target, site, ct))).ExcludeFromDescription();
        app.MapMethods("/sitemaps/products-{page:int:min(1)}.xml", Reading, SendProductsAsync).ExcludeFromDescription();
        app.MapMethods("/robots.txt", Reading, Robots).ExcludeFromDescription();
        return app;
    }

    private static async Task SendAsync(HttpContext context, IOutFeed feed, FeedsOut feeds)
    {
        var (response, site) = (context.Response, SiteOf(context));
        if (await feeds.TagAsync(feed, site, context.RequestAborted) is not { } tag)
        {
            await RefuseAsync(response);
            return;
        }
        // Weak, because the same feed travels compressed or not.
        var etag = new EntityTagHeaderValue($"\"{tag}\"", isWeak: true);
        (response.Headers.ETag, response.Headers.CacheControl) = (etag.ToString(), Revalidate);
        if (context.Request.GetTypedHeaders().IfNoneMatch is { } known && known.Any(k => k == EntityTagHeaderValue.Any || k.Compare(etag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = feed.ContentType;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await feeds.WriteAsync(feed, site, response.Body, context.RequestAborted);
    }

    private static async Task SendMapAsync(HttpContext context, Sitemap map, Func<Stream, string, CancellationToken, Task> write)
    {
        if (!map.IsReady)
        {
            await RefuseAsync(context.Response);
            return;
        }
        (context.Response.ContentType, context.Response.Headers.CacheControl) = ("application/xml; charset=utf-8", OneHour);
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await write(context.Response.Body, SiteOf(context).Address, context.RequestAborted);
    }

    private static async Task SendProductsAsync(HttpContext context, Sitemap map, int page)
    {
        if (map.IsReady && page > await map.PagesAsync(context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        await SendMapAsync(context, map, (target, site, ct) => map.WriteProductsAsync(target, site, page, ct));
    }

    private static ContentHttpResult Robots(HttpContext context)
    {
        context.Response.Headers.CacheControl = OneHour;
        return TypedResults.Text($"""
            User-agent: *
            Disallow: /admin/
            Disallow: /account
            Disallow: /api/
            Disallow: /cart
            Disallow: /checkout
            Disallow: /metrics/
            Disallow: /orders
            Disallow: /simulator/

            Sitemap: {SiteOf(context).Address}/sitemap.xml

            """, "text/plain", Encoding.UTF8);
    }

    private static Task RefuseAsync(HttpResponse response)
    {
        (response.StatusCode, response.Headers.RetryAfter, response.Headers.CacheControl) = (StatusCodes.Status503ServiceUnavailable, Later, "no-store");
        return response.WriteAsync("There is no product to tell of yet. Please try again later.");
    }

    // The setting says where shoppers come in; without it, the address that this request came in by.
    private static FeedSite SiteOf(HttpContext context)
    {
        var store = context.RequestServices.GetRequiredService<IOptions<StoreOptions>>().Value;
        var isSet = !string.IsNullOrEmpty(context.RequestServices.GetRequiredService<IConfiguration>()["Store:PublicUrl"]);
        var address = isSet ? store.PublicUrl.TrimEnd('/') : $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}";
        return new FeedSite(store.Name, address, store.Currency);
    }
}
