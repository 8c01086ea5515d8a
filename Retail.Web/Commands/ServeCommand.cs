using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Retail.Core.Common.Settings;
using Retail.Core.Data;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Serves the store until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(string[] args)
    {
        var command = new Command("serve", """
            Serves the store (the default), on http://localhost:8000 unless told otherwise. Every setting can be given as an option.

            Examples:
              serve
              serve --urls http://0.0.0.0:8080
              serve --Store:Name=Corner --Logs:Folder=/var/log/retail
            """)
        { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((_, ct) => RunAsync([.. args.Skip(1)], ct));
        return command;
    }

    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        // Settings begin with - or are name=value; a lone word is a command that there is not.
        if (args is [{ } first, ..] && !first.StartsWith('-') && !first.Contains('=', StringComparison.Ordinal))
            throw new StartupException($"There is no command '{first}': --help lists them.");
        using var startup = LoggerFactory.Create(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        var settings = StoreSettings.Read(null, args);
        ProductionStart.RefuseDefaults(StoreHost.EnvironmentName(StoreDatabase.WillBeEmbedded), settings);
        await using var database = await StoreDatabase.StartAsync(RuntimeOptions.WaitOf(settings), startup.CreateLogger("retail.startup"), ct);
        await using var app = StoreHost.Build(args, database.ConnectionString, database.IsEmbedded);
        await app.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(ct);
        if (database.IsEmbedded) await FirstStart.SeedAsync(app.Services, ct);
        await StoreSettings.RefuseDefaultPasswordAsync(app, ct);
        try
        {
            await app.StartAsync(ct);
        }
        catch (Exception e) when (AddressProblem(e) is { } problem)
        {
            // What had started already ends in order; merely disposed of, it would log its own end as a failure.
            await app.StopAsync(CancellationToken.None);
            throw new StartupException($"{problem} Choose another address, such as --urls http://localhost:8001.", e);
        }
        await WelcomeBanner.PrintAsync(app, database);
        await app.WaitForShutdownAsync(ct);
        return 0;
    }

    private static string? AddressProblem(Exception e) => e switch
    {
        IOException { InnerException: AddressInUseException } => $"{e.Message.TrimEnd('.')}: stop the program that uses it.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "This user may not listen on the address.",
        SocketException => $"The store can't listen on the address ({e.Message}).",
        ArgumentOutOfRangeException { ParamName: "port" } => "A port is from 1 to 65535.",
        FormatException or UriFormatException or InvalidOperationException when e.StackTrace?.Contains("AddressBinder", StringComparison.Ordinal) == true => $"{e.Message.TrimEnd('.')}.",
        _ => null,
    };
}
