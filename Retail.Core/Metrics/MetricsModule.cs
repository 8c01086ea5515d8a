using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Retail.Core.Common.Settings;

namespace Retail.Core.Metrics;

/// <summary>Registers the metric table's writer.</summary>
public static class MetricsModule
{
    /// <summary>Adds <see cref="MetricRecorder"/>; the host must have an NpgsqlDataSource. Harmless when called twice.
    /// Call it before whatever records while it stops: hosted services stop in reverse order.</summary>
    public static IServiceCollection AddRetailMetrics(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(MetricRecorder))) return services;
        services.AddSettings<MetricsOptions>("Metrics");
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<MetricRecorder>().AddHostedService(provider => provider.GetRequiredService<MetricRecorder>());
    }
}
