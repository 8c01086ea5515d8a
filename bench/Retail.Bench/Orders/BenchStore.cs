using Npgsql;
using Retail.Core;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Inventory.Seeding;
using Retail.Core.Flags;
using Retail.Core.Orders;

namespace Retail.Bench.Orders;

/// <summary>The store's core on a cluster of its own with default durability, and a thousand variants that never sell out.</summary>
internal sealed class BenchStore : IAsyncDisposable
{
    private readonly PostgresCluster _cluster;
    private readonly IHost _host;

    private BenchStore(PostgresCluster cluster, IHost host) => (_cluster, _host) = (cluster, host);

    public Guid[] Variants { get; private set; } = [];

    public string ConnectionString => _cluster.ConnectionString;

    public OrderIntake Intake => _host.Services.GetRequiredService<OrderIntake>();

    /// <summary>The intake's transaction by itself; not while anybody orders.</summary>
    public OrderBatch Batch => _host.Services.GetRequiredService<OrderBatch>();

    public ShippingRates Shipping => _host.Services.GetRequiredService<ShippingRates>();

    public FeatureFlags Flags => _host.Services.GetRequiredService<FeatureFlags>();

    public NpgsqlDataSource Database => _host.Services.GetRequiredService<NpgsqlDataSource>();

    public static async Task<BenchStore> StartAsync(string folder)
    {
        using var logs = LoggerFactory.Create(_ => { });
        var cluster = await PostgresCluster.StartAsync(new() { DataFolder = folder }, logs.CreateLogger("bench"), CancellationToken.None);
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = Environments.Development });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddRetailCore(cluster.ConnectionString).AddHostedService(services => services.GetRequiredService<OrderIntake>());
        var store = new BenchStore(cluster, builder.Build());
        await store.StockAsync();
        await store._host.StartAsync();
        return store;
    }

    /// <summary>No orders, all stock free, and nothing left to write from the run before.</summary>
    public async Task EmptyAsync()
    {
        await RunAsync("TRUNCATE orders, order_lines, payments, order_transitions, outbox, stock_movements CASCADE");
        await RunAsync("UPDATE stock_items SET reserved = 0");
        await RunAsync("VACUUM stock_items");
        await RunAsync("CHECKPOINT");
    }

    /// <summary>Many settled orders, as a store has after some good years.</summary>
    public async Task FillAsync(int orders, bool analyze = true)
    {
        const int step = 100_000;
        for (var done = 0; done < orders; done += step) await RunAsync(PlainRows.Sql(Math.Min(step, orders - done), "Paid", Variants.Length, Math.Max(0, orders - done - step)));
        if (analyze) await RunAsync("VACUUM ANALYZE");
        await RunAsync("CHECKPOINT");
    }

    /// <summary>Settings of a database reach new sessions only, so the old ones end.</summary>
    public async Task RestartSessionsWithAsync(string sql)
    {
        await RunAsync(sql);
        await _host.Services.GetRequiredService<BatchConnection>().DisposeAsync();
        Database.Clear();
    }

    /// <summary>An order of one unit through the intake.</summary>
    public async Task<bool> PlaceAsync(string key, Guid variant) => (await Intake.PlaceAsync(Request(key, variant), CancellationToken.None)).Ok;

    public async Task RunAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static OrderRequest Request(string key, Guid variant) => new()
    {
        IdempotencyKey = key,
        Email = "buyer@example.com",
        ShippingAddress = new Address { Name = "Ada Buyer", Line1 = "1 Mill Lane", City = "Ely", Postcode = "CB7 4AA", Country = "GB" },
        ShippingMethod = "standard",
        PaymentMethod = new("pm_card_visa", "visa", "4242"),
        Lines = [new OrderRequestLine(variant, 1)],
    };

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _cluster.DisposeAsync();
    }

    private async Task StockAsync()
    {
        await _host.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        var seeder = _host.Services.GetRequiredService<CatalogSeeder>();
        await seeder.PopulateAsync(CancellationToken.None);
        await seeder.GenerateAsync(2000, new Progress<int>(), CancellationToken.None);
        await RunAsync("UPDATE stock_items SET on_hand = 2000000000");
        Variants = await AskAsync<Guid[]>("SELECT array_agg(id) FROM (SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.status = 'Published' ORDER BY v.id LIMIT 1000) v");
        await _host.Services.GetRequiredService<CatalogModel>().ReloadAsync(CancellationToken.None);
    }
}
