using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core;
using Retail.Core.Common.Logs;
using Retail.Core.Common.Settings;
using Retail.Core.Data;
using Retail.Core.Jobs;

// The embedded store runs the worker in its own process; this one is for a server that several processes share.
try
{
    var url = Environment.GetEnvironmentVariable("DATABASE_URL") is { Length: > 0 } given
        ? given : throw new StartupException("The worker needs DATABASE_URL: the database that the store works on.");
    var connectionString = DatabaseAddress.Parse(url);
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
    {
        Args = args,
        // The settings files lie beside the program, wherever it is started from.
        ContentRootPath = AppContext.BaseDirectory,
        // The variables of the web process say the same here.
        EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Production,
    });
    if (string.IsNullOrEmpty(builder.Configuration["Payments:GatewayUrl"]))
        throw new StartupException("The worker needs Payments__GatewayUrl: the payment gateway, or http://host:port/simulator/ of a store outside production.");
    ProductionStart.RefuseDefaults(builder.Environment.EnvironmentName, builder.Configuration);
    await using (var source = NpgsqlDataSource.Create(connectionString))
        await DatabaseAddress.WaitAsync(source, RuntimeOptions.WaitOf(builder.Configuration), Console.Error.WriteLine, CancellationToken.None);
    builder.AddRetailLogs();
    builder.Services.AddStartupReport().AddRetailCore(connectionString).AddWorker();
    using var worker = builder.Build();
    await worker.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
    await worker.RunAsync();
    return 0;
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OptionsValidationException e)
{
    foreach (var failure in e.Failures) await Console.Error.WriteLineAsync($"A setting can't be used: {failure}");
    return 1;
}
