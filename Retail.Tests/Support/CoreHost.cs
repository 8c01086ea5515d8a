using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Inventory;
using Retail.Core.Orders;

namespace Retail.Tests.Support;

/// <summary>The store without its pages, on a database of its own: for tests of what happens beneath them.</summary>
public sealed class CoreHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TestDatabase? _database;
    private bool _isStopped;

    private CoreHost(IHost host, string connectionString, TestDatabase? database) => (_host, ConnectionString, _database) = (host, connectionString, database);

    public string ConnectionString { get; }

    public IServiceProvider Services => _host.Services;

    public OrderIntake Intake => Services.GetRequiredService<OrderIntake>();

    /// <param name="database">Where its database is cloned.</param>
    /// <param name="clock">The store's clock; null for the real one.</param>
    /// <param name="settings">As in a settings file: Mail:Primary:Host.</param>
    public static async Task<CoreHost> StartAsync(TestDatabase database, TimeProvider? clock = null, params (string Name, string Value)[] settings) =>
        await StartAsync(await database.CloneAsync("migrated", MigrateAsync), database, clock, settings);

    /// <summary>A further node on the same database.</summary>
    public Task<CoreHost> StartTwinAsync() => AttachAsync(ConnectionString);

    /// <summary>A node on a database that somebody else made and drops.</summary>
    public static Task<CoreHost> AttachAsync(string connectionString) => StartAsync(connectionString, null, null, []);

    /// <summary>A host with what a test adds, such as the worker and jobs of its own.</summary>
    /// <param name="database">Where its database is cloned; it goes with this host.</param>
    /// <param name="add">The worker is added by <see cref="Retail.Core.Jobs.JobsModule.AddWorker"/>.</param>
    /// <param name="settings">As in a settings file.</param>
    public static async Task<CoreHost> StartWithAsync(TestDatabase database, Action<IServiceCollection> add, params (string Name, string Value)[] settings) =>
        await StartAsync(await database.CloneAsync("migrated", MigrateAsync), database, null, settings, add);

    /// <summary>A further node of that kind.</summary>
    public Task<CoreHost> StartTwinWithAsync(Action<IServiceCollection> add, params (string Name, string Value)[] settings) => StartAsync(ConnectionString, null, null, settings, add);

    /// <summary>Stops in order, as a host does that is told to.</summary>
    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        await _host.StopAsync();
    }

    public static async Task MigrateAsync(string connectionString)
    {
        using var host = Build(connectionString);
        await host.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
    }

    /// <summary>A product on sale with one variant; answers the variant.</summary>
    public Task<Guid> HasProductAsync(string name, int stock, decimal price = 10m) => HasProductAsync(Services, name, stock, price);

    /// <summary>The same for any host.</summary>
    public static async Task<Guid> HasProductAsync(IServiceProvider services, string name, int stock, decimal price = 10m)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var shelf = db.Categories.FirstOrDefault(c => c.Slug == "tests");
        if (shelf is null)
        {
            db.Categories.Add(shelf = new Category { Id = Guid.CreateVersion7(), Slug = "tests", Name = "Tests" });
            await db.SaveChangesAsync();
        }
        var saved = await scope.ServiceProvider.GetRequiredService<ProductEditor>().SaveAsync(new ProductDraft
        {
            Name = name,
            CategoryId = shelf.Id,
            Status = ProductStatus.Published,
            Variants = [new VariantDraft { Sku = $"T-{Slug.Of(name)}", Price = price, Stock = stock }],
        }, "test", CancellationToken.None);
        return db.Variants.Single(v => v.ProductId == saved.Value.Id).Id;
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        // What is disposed of in no hurry needs the asynchronous way.
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        else _host.Dispose();
        if (_database is not null) await _database.DropAsync(ConnectionString);
    }

    private static async Task<CoreHost> StartAsync(
        string connectionString, TestDatabase? database, TimeProvider? clock, (string Name, string Value)[] settings, Action<IServiceCollection>? add = null)
    {
        var host = Build(connectionString, clock, settings, add);
        await host.StartAsync();
        return new CoreHost(host, connectionString, database);
    }

    private static IHost Build(string connectionString, TimeProvider? clock = null, (string Name, string Value)[]? settings = null, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection((settings ?? []).GroupBy(s => s.Name).ToDictionary(s => s.Key, s => (string?)s.Last().Value));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (clock is not null) builder.Services.AddSingleton(clock);
        builder.Services.AddRetailCore(connectionString).AddHostedService(services => services.GetRequiredService<OrderIntake>());
        add?.Invoke(builder.Services);
        return builder.Build();
    }
}
