using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data;
using Retail.Core.Jobs.Hangfire;

namespace Retail.Core.Jobs;

/// <summary>The engine of this build: Hangfire over the store's database, in a schema of its own that it makes by itself.</summary>
internal static class JobEngineModule
{
    /// <summary>Adds the engine; it is made when it is first asked for, and runs jobs only once it was started.</summary>
    public static IServiceCollection AddJobEngine(this IServiceCollection services) => services
        .AddSingleton<JobStorage>(provider => new PostgreSqlStorage(
            // Not what the data source says of itself: that is without the password.
            new NpgsqlConnectionFactory(provider.GetRequiredService<DatabaseServer>().ConnectionString, Options),
            Options))
        .AddSingleton<IJobEngine, HangfireEngine>();

    private static PostgreSqlStorageOptions Options { get; } = new()
    {
        SchemaName = "hangfire",
        PrepareSchemaIfNecessary = true,
        QueuePollInterval = TimeSpan.FromSeconds(1),
        // A run that outlives this is not taken for dead as long as its server lives.
        InvisibilityTimeout = TimeSpan.FromSeconds(30),
        UseSlidingInvisibilityTimeout = true,
        EnableLongPolling = true,
    };
}
