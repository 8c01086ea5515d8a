using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;
using Retail.Core.Quality.Scenarios.SelfTest;

namespace Retail.Core.Quality.Scenarios;

/// <summary>The promises and their verdicts.</summary>
public static class ScenariosModule
{
    /// <summary>Adds the catalogue, what holds the store to it, and the job that does so each minute.</summary>
    public static IServiceCollection AddScenarios(this IServiceCollection services)
    {
        services.AddSettings<ScenarioOptions>("Quality");
        return services
            .AddSingleton<NamedQueries>()
            .AddSingleton<CatalogueFile>()
            .AddSingleton<ScenarioEvaluator>()
            .AddSingleton<VerdictStore>()
            .AddSingleton<RecountIncidents>()
            .AddSingleton<LiveVerdicts>()
            .AddSingleton<ScenarioSelfTest>()
            .AddScoped<VerdictQueries>()
            .AddScoped<ScenarioBoard>()
            .AddJob<EvaluateScenariosJob, NoArgs>(EvaluateScenariosJob.Definition);
    }
}
