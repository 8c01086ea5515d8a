using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Retail.Core.Flags;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Drills;
using Retail.Web.Hosting;

namespace Retail.Web.Api;

/// <summary>What the store tells a drill about itself. For whoever has not proven to be one there is nothing here.</summary>
public static class DrillApi
{
    private static readonly string Release = typeof(DrillApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static IEndpointRouteBuilder MapDrills(this IEndpointRouteBuilder app)
    {
        var drills = app.MapGroup("").ExcludeFromDescription().AddEndpointFilter(async (call, next) => DrillScope.Current is null ? TypedResults.NotFound() : await next(call));
        drills.MapGet(DrillStore.AboutPath, About);
        drills.MapGet(DrillStore.RoutesPath, Routes);
        return app;
    }

    private static DrillNode About(HttpRequest request, IHostEnvironment host, IOptions<DrillsOptions> drills, IOptions<PaymentsOptions> payments, GatewayPipeline gateway, FeatureFlags flags)
    {
        // The simulator on this very socket is named as the caller reaches it; another node's as it is set.
        var simulator = host.IsProduction() ? null : payments.Value.GatewayUrl is { Length: > 0 } set ? new Uri(set.TrimEnd('/') + "/") : new Uri($"{request.Scheme}://{request.Host}/simulator/");
        return new($"{Environment.MachineName}:{Environment.ProcessId}", Release, host.IsProduction(), drills.Value.AllowInProduction,
            simulator?.AbsolutePath.EndsWith("/simulator/", StringComparison.Ordinal) is true ? simulator : null, gateway.Current.MetricName())
        {
            FlagsOn = [.. FeatureFlags.All.Where(flags.IsOn).Select(flag => flag.ToString())],
        };
    }

    private static List<DrillRoute> Routes(EndpointDataSource endpoints) =>
    [
        .. (from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
            let path = "/" + endpoint.RoutePattern.RawText?.TrimStart('/')
            // A page is opened and sends its form; whether it has one is not asked.
            from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET", "POST"]
            select new DrillRoute(method, path, NeedsOf(endpoint))).Distinct(),
    ];

    private static DrillRouteNeeds NeedsOf(Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) return DrillRouteNeeds.Anybody;
        var rules = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
        return rules.Any(rule => rule.Policy is Policies.Staff or Policies.Drills) ? DrillRouteNeeds.Staff : rules.Count > 0 ? DrillRouteNeeds.Customer : DrillRouteNeeds.Anybody;
    }
}
