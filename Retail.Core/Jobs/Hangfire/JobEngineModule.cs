using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Jobs.Hangfire;

namespace Retail.Core.Jobs;

/// <summary>The engine of this build: Hangfire over the store's database, in a schema of its own that it makes by itself.</summary>
internal static class JobEngineModule
{
    /// <summary>Adds the engine; it is made when it is first asked for, and runs jobs only once it was started.</summary>
    public static IServiceCollection AddJobEngine(this IServiceCollection services) => services
        .AddSingleton<JobStorage>(provider => new PostgreSqlStorage(
            new NpgsqlConnectionFactory(OwnPool(provider.GetRequiredService<DatabaseServer>().ConnectionString), Options),
            Options))
        .AddSingleton<IJobEngine, HangfireEngine>();

    // Each of its threads holds connections of its own while it waits; in the store's pool they would leave none for pages.
    // (The server's string, not what the data source says of itself: that is without the password.)
    private static string OwnPool(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "retail-hangfire", MaxPoolSize = 60 }.ConnectionString;

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
