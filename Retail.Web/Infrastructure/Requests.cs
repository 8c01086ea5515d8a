using Retail.Web.Api;

namespace Retail.Web.Infrastructure;

/// <summary>What a request is.</summary>
internal static class Requests
{
    /// <summary>It answers JSON, to a session or to a bearer token.</summary>
    public static bool IsApi(this HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api") || context.Request.Path.StartsWithSegments(ReconcileApi.ReconcilePath) || context.Request.Path.StartsWithSegments(ReconcileApi.SyncPath)
        || context.Request.Path.StartsWithSegments(MetricsEndpoints.Api);

    /// <summary>A program asks, not a person: it gets a status and a problem document, never a page.</summary>
    public static bool IsForMachines(this HttpContext context) =>
        context.IsApi() || context.Request.Path.StartsWithSegments("/simulator")
        || context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/media")
        || context.Request.Path.StartsWithSegments("/payments") || context.Request.Path.StartsWithSegments("/feeds")
        || context.Request.Path.StartsWithSegments("/sitemaps") || context.Request.Path.StartsWithSegments("/sitemap.xml")
        || context.Request.Path.Equals(MetricsEndpoints.Prometheus, StringComparison.Ordinal);
}
