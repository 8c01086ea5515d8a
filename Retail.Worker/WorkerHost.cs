using System.Runtime.InteropServices;
using Npgsql;
using Retail.Core;
using Retail.Core.Common.Logs;
using Retail.Core.Common.Settings;
using Retail.Core.Data;
using Retail.Core.Jobs;

namespace Retail.Worker;

/// <summary>The worker as a process: jobs and outbox, and a port of its own that says how it is.</summary>
internal static class WorkerHost
{
    /// <summary>Works until it is told to stop.</summary>
    public static async Task RunAsync(string[] args)
    {
        var url = Environment.GetEnvironmentVariable("DATABASE_URL") is { Length: > 0 } given
            ? given : throw new StartupException("The worker needs DATABASE_URL: the database that the store works on.");
        var connectionString = DatabaseAddress.Parse(url);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
            // The variables of the web process say the same here.
            EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Production,
        });
        if (string.IsNullOrEmpty(builder.Configuration["Payments:GatewayUrl"]))
            throw new StartupException("The worker needs Payments__GatewayUrl: the payment gateway, or http://host:port/simulator/ of a store outside production.");
        // Not the addresses of the web process, which may stand in the same environment.
        builder.WebHost.UseUrls(builder.Configuration["Worker:HealthUrl"] is { Length: > 0 } health ? health : new RuntimeOptions().WorkerHealthUrl);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        ProductionStart.RefuseDefaults(builder.Environment.EnvironmentName, builder.Configuration);
        builder.AddRetailLogs();
        builder.Services.AddStartupReport().AddRetailCore(connectionString).AddWorker();
        await WaitForDatabaseAsync(connectionString, RuntimeOptions.WaitOf(builder.Configuration));
        await using var worker = builder.Build();
        await worker.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        worker.MapWorkerHealth();
        try
        {
            await worker.RunAsync();
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new StartupException($"{e.Message} Choose another address for the worker's health with --Worker:HealthUrl=http://localhost:8082.", e);
        }
    }

    /// <summary>A database that is not there yet is waited for, and the wait is told; Ctrl-C ends it.</summary>
    private static async Task WaitForDatabaseAsync(string connectionString, TimeSpan longest)
    {
        using var stop = new CancellationTokenSource();
        using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var source = NpgsqlDataSource.Create(connectionString);
        try
        {
            await DatabaseAddress.WaitAsync(source, longest, Console.Error.WriteLine, stop.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new StartupException("Stopped while it waited for the database.", e);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
