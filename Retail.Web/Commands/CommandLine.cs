using System.CommandLine;
using Microsoft.Extensions.Options;
using Retail.Core.Data;

namespace Retail.Web.Commands;

/// <summary>The command line: what ops and admins type. Serving is the default.</summary>
public static class CommandLine
{
    private const string About = """
        Retail, an online store. Without a command it serves the store.

        DATABASE_URL names the PostgreSQL server (postgresql://user:password@host:5432/database). Without it the store
        brings a database of its own, kept in the folder RETAIL_DATA (.data). Commands work while the store runs, too.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var serve = ServeCommand.Create(args);
        var psql = DbShellCommand.Create();
        var shell = ShellCommand.Create();
        var root = new RootCommand(About)
        {
            // Settings such as --urls and --Store:Name=... go on to the host.
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction((_, ct) => ServeCommand.RunAsync(args, ct));
        foreach (var command in (Command[])
            [
                serve,
                MigrateCommand.Create(),
                CreateAdminCommand.Create(),
                CreateSuperuserCommand.Create(),
                UnlockCommand.Create(),
                PopulateProductsCommand.Create(),
                ImportProductsCommand.Create(),
                DrillCommand.Create(),
                ReplayRequestsCommand.Create(),
                FlagCommand.Create(),
                ReconcileCommand.Create(),
                SyncCommand.Create(),
                VerifyCommand.Create(),
                CountCommand.Create(),
                shell,
                psql,
                ConfigurationCommand.Create(),
                VerifyEnvCommand.Create(),
                SmokeCommand.Create(),
                HealthcheckCommand.Create(),
            ])
            root.Subcommands.Add(command);
        var parsed = root.Parse(args);
        var invoked = parsed.CommandResult.Command;
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // The host, psql and the shell mind signals themselves; every other command is stopped in order.
                ProcessTerminationTimeout = invoked == root || invoked == serve || invoked == psql || invoked == shell ? null : TimeSpan.FromSeconds(20),
            });
        }
        catch (Exception e) when (Sentences(e) is { Count: > 0 } sentences)
        {
            foreach (var sentence in sentences) await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 130;
        }
    }

    /// <summary>What a person is told about what can be put right without a programmer; nothing for a bug, which shows its stack.</summary>
    private static List<string> Sentences(Exception e) => e switch
    {
        StartupException => [e.Message],
        OptionsValidationException wrong => [.. wrong.Failures.Select(failure => $"A setting can't be used: {failure}")],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) => [.. several.InnerExceptions.SelectMany(Sentences)],
        // What configuration says about a value that is no number, no duration and so on.
        InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException } when e.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) => [e.Message],
        _ => [],
    };
}
