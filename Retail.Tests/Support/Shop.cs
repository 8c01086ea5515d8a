using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Support;

/// <summary>The real store on a free port and a database of its own, migrated and seeded. The payment gateway is the simulator on the same socket.</summary>
public sealed class Shop : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly string _logs = Directory.CreateTempSubdirectory("retail-logs-").FullName;
    private readonly List<Browser> _browsers = [];

    // The simulator exists outside of production only.
    static Shop() => Environment.SetEnvironmentVariable("ASPNETCORE_ENVIRONMENT", "Development");

    private Shop(TestDatabase database, string connectionString, bool worker, string[] settings)
    {
        (_database, ConnectionString) = (database, connectionString);
        _app = StoreHost.Build(["--urls=http://127.0.0.1:0", $"--Logs:Folder={_logs}", "--Logs:Console=false", $"--Mail:Folder={MailFolder}", .. settings], connectionString, embedded: worker);
    }

    public Uri BaseAddress => new(_app.Urls.First());

    public IServiceProvider Services => _app.Services;

    public string ConnectionString { get; }

    /// <summary>What the store has logged; complete once it is stopped.</summary>
    public string LogFile => Path.Combine(_logs, "application.log");

    /// <summary>Where mail is written when no provider is set.</summary>
    public string MailFolder => Path.Combine(_logs, "mail");

    /// <param name="database">Where its database is cloned.</param>
    /// <param name="worker">The worker runs in the same process, as in the embedded default.</param>
    /// <param name="settings">As on the command line: --Store:Name=Shop.</param>
    public static async Task<Shop> StartAsync(TestDatabase database, bool worker = false, params string[] settings)
    {
        var shop = new Shop(database, await database.CloneAsync("seeded", SeedAsync), worker, settings);
        await shop._app.StartAsync(TestContext.Current.CancellationToken);
        while (!shop.Services.GetRequiredService<CatalogModel>().IsWarm) await Task.Delay(10, TestContext.Current.CancellationToken);
        return shop;
    }

    /// <summary>A new visitor's browser on this page.</summary>
    public async Task<Browser> OpenAsync(string path)
    {
        var browser = new Browser(BaseAddress);
        _browsers.Add(browser);
        await browser.OpenAsync(path);
        return browser;
    }

    /// <summary>Stops the store in order; the database and the log stay until the shop is disposed of.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    /// <summary>Runs SQL on the store's database and answers the first value.</summary>
    public async Task<object?> SqlAsync(string sql, params object[] values)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var browser in _browsers) browser.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        foreach (var line in File.ReadLines(LogFile).Where(l => l.Contains("\"level\":\"ERROR\"", StringComparison.Ordinal))) TestContext.Current.TestOutputHelper?.WriteLine(line);
        await _database.DropAsync(ConnectionString);
        Directory.Delete(_logs, recursive: true);
    }

    private static async Task SeedAsync(string connectionString)
    {
        await using var app = StoreHost.Build(["--Logs:Console=false", "--urls=http://127.0.0.1:0"], connectionString, embedded: false);
        await app.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        await FirstStart.SeedAsync(app.Services, CancellationToken.None);
    }
}
