using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quartz;
using Retail.Core.Data.Jobs;
using Retail.Core.Jobs.Quartz;
using Retail.Core.Jobs.Runs;

namespace Retail.Core.Jobs;

/// <summary>The engine of this build: Quartz, clustered over the store's database.</summary>
internal static class JobEngineModule
{
    /// <summary>Adds the engine; it is made when it is first asked for, and runs jobs only once it was started.</summary>
    public static IServiceCollection AddJobEngine(this IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "retail";
                scheduler.GenerateInstanceId = true;
                // Asked for in another process, a job is told of by a notice; this is the net beneath.
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(2);
            });
            quartz.AddJobType<QuartzDispatch>();
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.DataSourceFactory = provider => provider.GetRequiredService<NpgsqlDataSource>());
                store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)));
                store.ConfigureStore(tables =>
                {
                    tables.TablePrefix = "jobs.qrtz_";
                    tables.SchemaProvisioning = SchemaProvisioning.Validate;   // our migration made them
                    tables.StoreJobDataAsStrings = true;
                    tables.MisfireThreshold = TimeSpan.FromMinutes(1);
                });
            });
        });
        services.AddOptions<ThreadPoolOptions>().Configure<Microsoft.Extensions.Options.IOptions<JobsOptions>>((pool, jobs) => pool.MaxConcurrency = jobs.Value.AtOnce);
        return services.AddSingleton<IJobEngine, QuartzEngine>();
    }
}
