using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Retail.Core.Common.Settings;
using Retail.Core.Metrics.Calls;
using Retail.Core.Metrics.Export;
using Retail.Core.Metrics.Rollups;
using Retail.Core.Metrics.Sampling;

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
        services.TryAddSingleton(new NodeRole("worker", Worker: true));
        services.AddDataProtection();
        return services
            .AddSingleton<MetricExport>()
            .AddSingleton<ScrapeAccess>().AddSingleton<PrometheusText>().AddHostedService(provider => provider.GetRequiredService<PrometheusText>())
            .AddHostedService<OtlpExport>()
            .AddSingleton<MetricRecorder>().AddHostedService(provider => provider.GetRequiredService<MetricRecorder>())
            .AddSingleton<DrillPass>()
            .AddSingleton<MetricRollup>().AddSingleton<RollupReader>().AddSingleton<MetricRowQueries>()
            .AddSingleton<DatabaseMeter>()
            .AddSingleton<IMetricSource, NodeMetrics>()
            .AddSingleton<IMetricSource, ServiceCallMetrics>()
            .AddSingleton<MetricSampler>().AddHostedService(provider => provider.GetRequiredService<MetricSampler>())
            .AddHostedService<StartupMetric>();
    }
}
