using System.Globalization;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Primitives;
using Retail.Core.Catalog;
using Retail.Core.Flags;
using Retail.Core.Metrics;
using Retail.Web.Hosting;

namespace Retail.Web.Infrastructure;

/// <summary>
/// Keeps the finished, compressed page for visitors who have neither cart nor session. A page is known by the version of what it
/// shows, so a change of catalogue or stock makes the old one unreachable at once: there is nothing to evict and no race to lose.
/// </summary>
public sealed class PageCache(Func<HttpContext, CatalogModel, string?> key) : IOutputCachePolicy
{
    public const string Lists = "lists";
    public const string Product = "product";
    public const string Media = "media";

    /// <summary>Memory for pages that nobody asks for any more is free again after this time; what they show is watched by version.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(30);

    // With the flag off a page is what the database says at this moment, so none is kept.
    private static bool IsKept(HttpContext context) => context.RequestServices.GetRequiredService<FeatureFlags>().IsOn(FeatureFlag.Products);

    private static readonly string[] ListParameters = ["q", "category", "brand", "min", "max", "stock", "sort", "page"];
    private static readonly string[] ProductParameters = [Pages.Products.VariantChoice.SkuParameter, .. Pages.Products.VariantChoice.OptionParameters];

    /// <summary>Home and lists: all that is shown may change them. An address with empty fields is redirected to the clean one.</summary>
    public static string? ListKey(HttpContext context, CatalogModel model) =>
        !IsKept(context) || Pages.Products.ListAddress.HasEmptyFields(context.Request.Query) ? null : model.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>A product: its own version and those of what is shown beside it.</summary>
    public static string? ProductKey(HttpContext context, CatalogModel model)
    {
        var snapshot = model.Snapshot;
        if (!IsKept(context)) return null;
        // Of what is not in memory the version is not known: any change may have changed it.
        if (!snapshot.IsWhole) return model.Version.ToString(CultureInfo.InvariantCulture);
        if (context.GetRouteValue("slug") is not string slug || snapshot.Find(slug) is not { } product) return null;
        var version = product.Version;
        foreach (var related in snapshot.Related(product, Pages.Products.DetailsModel.RelatedShown)) version += related.Version;
        return version.ToString(CultureInfo.InvariantCulture);
    }

    ValueTask IOutputCachePolicy.CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var http = context.HttpContext;
        var model = http.RequestServices.GetRequiredService<CatalogModel>();
        var cacheable = HttpMethods.IsGet(http.Request.Method) && IsAnonymous(http.Request) && model.IsWarm && key(http, model) is { } version;
        context.EnableOutputCaching = true;
        context.AllowCacheLookup = context.AllowCacheStorage = cacheable;
        context.AllowLocking = true;
        if (!cacheable) return ValueTask.CompletedTask;
        context.CacheVaryByRules.QueryKeys = key == ListKey ? ListParameters : ProductParameters;
        context.CacheVaryByRules.RouteValueNames = "*";
        context.CacheVaryByRules.VaryByValues["version"] = key(http, model)!;
        context.CacheVaryByRules.VaryByValues["encoding"] = Encoding(http.Request);
        context.ResponseExpirationTimeSpan = LongestLife;
        return ValueTask.CompletedTask;
    }

    ValueTask IOutputCachePolicy.ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    ValueTask IOutputCachePolicy.ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var response = context.HttpContext.Response;
        if (response.StatusCode != StatusCodes.Status200OK || !StringValues.IsNullOrEmpty(response.Headers.SetCookie)) context.AllowCacheStorage = false;
        return ValueTask.CompletedTask;
    }

    private static bool IsAnonymous(HttpRequest request) =>
        DrillScope.Current is null && !request.Cookies.ContainsKey(CurrentShopper.CartCookie) && !request.Cookies.ContainsKey(Storefront.AuthCookie) && StringValues.IsNullOrEmpty(request.Headers.Authorization);

    // The browsers' many spellings come down to three, or each would have a copy of its own.
    private static string Encoding(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding.ToString();
        return accepted.Contains("br", StringComparison.Ordinal) ? "br" : accepted.Contains("gzip", StringComparison.Ordinal) ? "gzip" : "";
    }
}
