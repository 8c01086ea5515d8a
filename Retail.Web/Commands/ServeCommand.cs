using System.CommandLine;
using Microsoft.AspNetCore.Connections;
using Retail.Core.Data;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Serves the store until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(string[] args)
    {
        var command = new Command("serve", "Serves the store (the default).") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((_, ct) => RunAsync([.. args.Skip(1)], ct));
        return command;
    }

    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        using var startup = LoggerFactory.Create(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        await using var database = await StoreDatabase.StartAsync(startup.CreateLogger("retail.startup"), ct);
        await using var app = StoreHost.Build(args, database.ConnectionString, database.IsEmbedded);
        await app.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(ct);
        if (database.IsEmbedded) await FirstStart.SeedAsync(app.Services, ct);
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartupException($"{e.Message} Stop the program that uses it, or choose another with --urls http://localhost:8001.", e);
        }
        await app.WaitForShutdownAsync(ct);
        return 0;
    }
}
