using System.Runtime.CompilerServices;
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
    private readonly bool _isTwin;
    private readonly WebApplication _app;
    private readonly string _logs = Directory.CreateTempSubdirectory("retail-logs-").FullName;
    private readonly List<Browser> _browsers = [];
    private bool _isStopped;

    // The simulator exists outside of production only.
    // For every test, whichever comes first.
    [ModuleInitializer]
    internal static void BeInDevelopment() => Environment.SetEnvironmentVariable("ASPNETCORE_ENVIRONMENT", "Development");

    private Shop(TestDatabase database, string connectionString, bool isTwin, bool worker, string[] settings)
    {
        (_database, ConnectionString, _isTwin) = (database, connectionString, isTwin);
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
    public static async Task<Shop> StartAsync(TestDatabase database, bool worker = false, params string[] settings) =>
        await StartAsync(new Shop(database, await SeededDatabaseAsync(database), isTwin: false, worker, settings));

    /// <summary>A further node on the same database; to be disposed of before this one.</summary>
    public Task<Shop> StartTwinAsync(params string[] settings) => StartAsync(new Shop(_database, ConnectionString, isTwin: true, worker: false, settings));

    /// <summary>A database as a new store has it, without a store on it; the caller drops it.</summary>
    public static Task<string> SeededDatabaseAsync(TestDatabase database) => database.CloneAsync("seeded", SeedAsync);

    /// <summary>A new visitor's browser on this page.</summary>
    public async Task<Browser> OpenAsync(string path)
    {
        var browser = new Browser(BaseAddress);
        _browsers.Add(browser);
        await browser.OpenAsync(path);
        return browser;
    }

    /// <summary>Stops the store in order; the database and the log stay until the shop is disposed of.</summary>
    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        await _app.StopAsync(CancellationToken.None);
        // The log is written to its end.
        await _app.DisposeAsync();
    }

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
        foreach (var line in File.ReadLines(LogFile).Where(l => l.Contains("\"level\":\"ERROR\"", StringComparison.Ordinal))) TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (!_isTwin) await _database.DropAsync(ConnectionString);
        Directory.Delete(_logs, recursive: true);
    }

    private static async Task<Shop> StartAsync(Shop shop)
    {
        await shop._app.StartAsync(TestContext.Current.CancellationToken);
        while (!shop.Services.GetRequiredService<CatalogModel>().IsWarm) await Task.Delay(10, TestContext.Current.CancellationToken);
        return shop;
    }

    /// <summary>Migrates and fills an empty database as a new store does.</summary>
    public static async Task SeedAsync(string connectionString)
    {
        await using var app = StoreHost.Build(["--Logs:Console=false", "--urls=http://127.0.0.1:0"], connectionString, embedded: false);
        await app.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        await FirstStart.SeedAsync(app.Services, CancellationToken.None);
    }
}
