using System.Reflection;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Drills;

namespace Retail.Web.Api;

/// <summary>What the store tells a drill about itself. For whoever has not proven to be one there is nothing here.</summary>
public static class DrillApi
{
    private static readonly string Release = typeof(DrillApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static IEndpointRouteBuilder MapDrills(this IEndpointRouteBuilder app)
    {
        var drills = app.MapGroup("").ExcludeFromDescription().AddEndpointFilter(async (call, next) => DrillScope.Current is null ? TypedResults.NotFound() : await next(call));
        drills.MapGet(DrillStore.AboutPath, About);
        return app;
    }

    private static DrillNode About(HttpRequest request, IHostEnvironment host, IOptions<DrillsOptions> drills, IOptions<PaymentsOptions> payments, GatewayPipeline gateway)
    {
        // The simulator on this very socket is named as the caller reaches it; another node's as it is set.
        var simulator = host.IsProduction() ? null : payments.Value.GatewayUrl is { Length: > 0 } set ? new Uri(set.TrimEnd('/') + "/") : new Uri($"{request.Scheme}://{request.Host}/simulator/");
        return new($"{Environment.MachineName}:{Environment.ProcessId}", Release, host.IsProduction(), drills.Value.AllowInProduction,
            simulator?.AbsolutePath.EndsWith("/simulator/", StringComparison.Ordinal) is true ? simulator : null, gateway.Current.MetricName());
    }
}
