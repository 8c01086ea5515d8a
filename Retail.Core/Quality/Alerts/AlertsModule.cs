using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Quality.Alerts;

/// <summary>What tells people that a promise is broken.</summary>
public static class AlertsModule
{
    /// <summary>Adds the rules' evaluation and what is sent.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddSettings<AlertsOptions>("Alerts");
        return services
            .AddSingleton<AlertChannels>()
            .AddScoped<AlertMessages>()
            .AddScoped<AlertService>()
            .AddScoped<AlertQueries>()
            .AddScoped<IOutboxHandler, AlertWebhooks>()
            // Twice a minute, a little after the verdicts: what breaks is told within one.
            .AddJob<EvaluateAlerts, NoArgs>(new JobDefinition("alerts") { Purpose = "Looks at every alert rule and tells people what fires.", Cron = "18,48 * * * * ?", TimeLimit = TimeSpan.FromMinutes(1), MaxTries = 1 });
    }
}
