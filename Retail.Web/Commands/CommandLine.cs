using System.CommandLine;
using Retail.Core.Data;

namespace Retail.Web.Commands;

/// <summary>The command line: what ops and admins type. Serving is the default.</summary>
public static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Retail, an online store. Without a command it serves the store.")
        {
            // Settings such as --urls and --Store:Name=... go on to the host.
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction((_, ct) => ServeCommand.RunAsync(args, ct));
        root.Subcommands.Add(ServeCommand.Create(args));
        root.Subcommands.Add(PopulateProductsCommand.Create());
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (StartupException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
