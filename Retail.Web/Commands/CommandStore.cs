using Microsoft.Extensions.Hosting.Internal;
using Retail.Core;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>The store's services for one command, beside a store that runs or alone, on tables that are up to date.</summary>
internal sealed class CommandStore : IAsyncDisposable
{
    private readonly StoreDatabase _database;
    private readonly ServiceProvider _services;
    private readonly AsyncServiceScope _scope;

    private CommandStore(StoreDatabase database, ServiceProvider services) => (_database, _services, _scope) = (database, services, services.CreateAsyncScope());

    public IServiceProvider Services => _scope.ServiceProvider;

    /// <summary>Opens the store's database and applies missing migrations.</summary>
    public static async Task<CommandStore> OpenAsync(CancellationToken ct)
    {
        var store = await OpenAsItIsAsync(ct);
        try
        {
            await store.Get<DatabaseMigrator>().ApplyAsync(ct);
            // What a command measures is written like everything else, the last rows when it ends.
            await store.Get<MetricRecorder>().StartAsync(CancellationToken.None);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the store's database and changes nothing.</summary>
    public static async Task<CommandStore> OpenAsItIsAsync(CancellationToken ct)
    {
        using var startup = LoggerFactory.Create(Log);
        var database = await StoreDatabase.AttachAsync(startup.CreateLogger("retail.startup"), ct);
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(StoreSettings.Read())
            .AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = StoreHost.EnvironmentName(database.IsEmbedded), ApplicationName = "Retail.Web", ContentRootPath = AppContext.BaseDirectory })
            .AddLogging(Log)
            .AddRetailCore(database.ConnectionString);
        return new(database, services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true }));
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await Get<MetricRecorder>().StopAsync(CancellationToken.None);
        await _scope.DisposeAsync();
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    // Standard output is the command's answer, which may be piped on.
    private static void Log(ILoggingBuilder logging) => logging
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole()
        .SetMinimumLevel(LogLevel.Warning);
}
