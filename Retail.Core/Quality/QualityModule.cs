using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Jobs;
using Retail.Core.Quality.Scenarios;
using Retail.Core.Quality.Scenarios.SelfTest;

namespace Retail.Core.Quality;

/// <summary>How the shop is doing.</summary>
public static class QualityModule
{
    /// <summary>Adds what reads the state of the whole shop.</summary>
    public static IServiceCollection AddQuality(this IServiceCollection services) => services.AddSingleton<ShopOverviewReader>().AddScenarios();

    private static IServiceCollection AddScenarios(this IServiceCollection services)
    {
        services.AddOptions<ScenarioOptions>().BindConfiguration("Quality").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<NamedQueries>()
            .AddSingleton<CatalogueFile>()
            .AddSingleton<ScenarioEvaluator>()
            .AddSingleton<VerdictStore>()
            .AddSingleton<LiveVerdicts>()
            .AddSingleton<ScenarioSelfTest>()
            .AddScoped<VerdictQueries>()
            .AddScoped<ScenarioBoard>()
            .AddJob<EvaluateScenariosJob, NoArgs>(EvaluateScenariosJob.Definition);
    }
}
