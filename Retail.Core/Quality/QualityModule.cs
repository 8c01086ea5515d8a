using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Jobs;
using Retail.Core.Quality.Alerts;
using Retail.Core.Quality.Drills;
using Retail.Core.Quality.Measures;
using Retail.Core.Quality.Reconciliation;
using Retail.Core.Quality.Replay;
using Retail.Core.Quality.Scenarios;

namespace Retail.Core.Quality;

/// <summary>How the shop is doing.</summary>
public static class QualityModule
{
    /// <summary>Adds what reads the state of the whole shop and compares its books.</summary>
    public static IServiceCollection AddQuality(this IServiceCollection services) => services
        .AddDrills()
        .AddSingleton<ShopOverviewReader>()
        .AddSingleton<SummaryReader>()
        .AddSingleton<SystemHealthReader>()
        .AddSingleton<DashboardReader>()
        .AddSingleton<MetricRates>()
        .AddSingleton<DailyFigures>()
        .AddSingleton<DeadlockCount>()
        .AddJob<RollUpMetrics, NoArgs>(RollUpMetrics.Definition)
        .AddJob<CountTheDay, NoArgs>(CountTheDay.Definition)
        .AddJob<DropOldMetrics, NoArgs>(DropOldMetrics.Definition)
        .AddScoped<Reconciler>()
        .AddScoped<ReconciliationQueries>()
        .AddJob<ReconcileJob, NoArgs>(ReconcileJob.Definition)
        .AddAlerts()
        .AddReplay()
        .AddScenarios();
}
