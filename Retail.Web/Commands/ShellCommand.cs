using System.CommandLine;
using System.CommandLine.Parsing;

namespace Retail.Web.Commands;

/// <summary>The command line as a conversation (D1-12): one start, many commands.</summary>
internal static class ShellCommand
{
    public static Command Create()
    {
        var command = new Command("shell", """
            Asks for one command after the other, on a terminal or from lines piped in: count products, migrate --status,
            create-admin, ... Leave with exit. SQL goes to dbshell.

            Examples:
              shell
              printf '%s\n' 'count products' 'count orders' | shell
            """);
        command.SetAction((_, ct) => RunAsync(ct));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken ct)
    {
        var piped = Console.IsInputRedirected;
        if (!piped) Console.WriteLine("Type a command such as: count products. --help lists them, exit leaves.");
        var last = 0;
        while (!ct.IsCancellationRequested)
        {
            if (!piped) Console.Write("retail> ");
            if (Console.ReadLine()?.Trim() is not { } line || line is "exit" or "quit") break;
            if (line.Length == 0 || line.StartsWith('#')) continue;
            var words = CommandLineParser.SplitCommandLine(line).ToArray();
            if (words[0] is "serve" or "shell" || words[0].StartsWith("--urls", StringComparison.Ordinal)) Console.WriteLine("Not from here: leave the shell first.");
            else last = await CommandLine.RunAsync(words);
        }
        return piped ? last : 0;
    }
}
