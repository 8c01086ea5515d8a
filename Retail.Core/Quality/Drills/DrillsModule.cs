using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Quality.Drills;

/// <summary>The drills that there are, in the order of the page.</summary>
public static class DrillPlans
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DrillPlan> All { get; } =
    [
        FlashSaleDrill.Description, DuplicateCheckoutDrill.Description, PaymentOutageDrill.Description, WorkerKillDrill.Description, ThrottleBurstDrill.Description, ForgedCallsDrill.Description,
        BadFeedDrill.Description, FlagFlipDrill.Description,
    ];

    /// <summary>The one of this name, or null.</summary>
    public static DrillPlan? Find(string name) => All.FirstOrDefault(p => p.Name == name);
}

/// <summary>Drills.</summary>
public static class DrillsModule
{
    /// <summary>Adds the drills and what runs them; the web node adds <see cref="DrillDesk"/> as a hosted service.</summary>
    public static IServiceCollection AddDrills(this IServiceCollection services) => services
        .AddSettings<DrillsOptions>("Drills").Services
        .AddSingleton<DrillCleaner>()
        .AddSingleton<DrillRunner>()
        .AddSingleton<DrillDesk>()
        .AddSingleton<DrillBooks>()
        .AddSingleton<FaultModes>()
        .AddSingleton<DrillWorkers>()
        .AddScoped<DrillGoods>()
        .AddScoped<DrillQueries>()
        .AddScoped<IDrill, FlashSaleDrill>()
        .AddScoped<IDrill, DuplicateCheckoutDrill>()
        .AddScoped<IDrill, PaymentOutageDrill>()
        .AddScoped<IDrill, WorkerKillDrill>()
        .AddScoped<IDrill, ThrottleBurstDrill>()
        .AddScoped<IDrill, ForgedCallsDrill>()
        .AddScoped<IDrill, BadFeedDrill>()
        .AddScoped<IDrill, FlagFlipDrill>()
        .AddScoped<IOutboxHandler, DrillPromise>()
        .AddJob<DrillLeftoversJob, NoArgs>(new JobDefinition(DrillLeftoversJob.Name)
        {
            Purpose = "Clears away what drills left whose process was killed.",
            Cron = "0 1/5 * * * ?",
        });
}
