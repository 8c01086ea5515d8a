using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;
using Retail.Core.Jobs.Board;
using Retail.Core.Jobs.Housekeeping;
using Retail.Core.Jobs.Outbox;
using Retail.Core.Jobs.Runs;

namespace Retail.Core.Jobs;

/// <summary>What the store does later.</summary>
public static class JobsModule
{
    // What runs when a host stops has ended, or is handed back, within this time.
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(30);

    /// <summary>Adds what asks for jobs and what shows them; nothing runs here.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.AddSettings<JobsOptions>("Jobs");
        return services
            .AddSingleton<WorkerIdentity>()
            .AddSingleton<JobRegistry>()
            .AddSingleton<JobRunStore>()
            .AddSingleton(provider => new JobRunner(provider))
            .AddSingleton<JobQueue>()
            .AddSingleton<IJobQueue>(provider => provider.GetRequiredService<JobQueue>())
            .AddSingleton<JobBoard>()
            .AddSingleton<JobDecisions>()
            .AddJob<OutboxCleanUp, NoArgs>(OutboxCleanUp.Definition)
            .AddJobEngine();
    }

    /// <summary>Adds the worker: in Retail.Worker, and in the web process of the embedded default.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services) => services
        .Configure<HostOptions>(host => host.ShutdownTimeout = LongestStop)
        .AddSingleton<WorkerState>()
        .AddSingleton<OutboxRelay>()
        .AddSingleton<WorkerBell>()
        .AddSingleton<WorkerHeart>()
        .AddHostedService<WorkerService>();
}
