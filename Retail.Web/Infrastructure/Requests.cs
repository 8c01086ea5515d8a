using Retail.Web.Api;

namespace Retail.Web.Infrastructure;

/// <summary>What a request is.</summary>
internal static class Requests
{
    /// <summary>A program asks, not a person: it gets a status and a problem document, never a page.</summary>
    public static bool IsForMachines(this HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api") || context.Request.Path.StartsWithSegments("/simulator")
        || context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/media")
        || context.Request.Path.StartsWithSegments("/payments") || context.Request.Path.StartsWithSegments(MetricsEndpoints.Api)
        || context.Request.Path.Equals(MetricsEndpoints.Prometheus, StringComparison.Ordinal);
}
