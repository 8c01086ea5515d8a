using System.CommandLine;
using System.Text;
using Retail.Core.Accounts;

namespace Retail.Web.Commands;

/// <summary>Makes an admin from what a person types, or from lines piped in.</summary>
internal static class CreateSuperuserCommand
{
    private const string NoAnswer = "Nothing more to read: type the answers on a terminal, or pipe in user name, email, password and password again, a line each; create-admin takes them as options.";

    public static Command Create()
    {
        var command = new Command("create-superuser", """
            Asks for user name, email and password, and makes an admin account of them.

            Examples:
              create-superuser
              printf '%s\n' kim kim@example.com "$SECRET" "$SECRET" | create-superuser
            """);
        command.SetAction(async (_, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            return await AskAsync(store.Get<AccountService>(), ct);
        });
        return command;
    }

    private static async Task<int> AskAsync(AccountService accounts, CancellationToken ct)
    {
        var piped = Console.IsInputRedirected;
        while (true)
        {
            if (Ask("User name: ") is not { } name || Ask("Email address: ") is not { } email
                || AskSecret("Password: ") is not { } password || AskSecret("Password (again): ") is not { } again)
            {
                await Console.Error.WriteLineAsync(NoAnswer);
                return 1;
            }
            var problem = password != again ? "The two passwords are not the same." : await MakeAsync(accounts, name.Trim(), email, password, ct);
            if (problem is null)
            {
                Console.WriteLine($"Created the admin '{name.Trim()}'.");
                return 0;
            }
            await Console.Error.WriteLineAsync(problem);
            if (piped) return 1;
        }
    }

    private static async Task<string?> MakeAsync(AccountService accounts, string name, string email, string password, CancellationToken ct)
    {
        if (await accounts.ExistsAsync(name)) return $"There is an account '{name}' already: choose another name.";
        return (await accounts.EnsureAdminAsync(name, email, password, ct)).Error?.Message;
    }

    private static string? Ask(string question)
    {
        if (!Console.IsInputRedirected) Console.Write(question);
        return Console.ReadLine();
    }

    private static string? AskSecret(string question)
    {
        if (Console.IsInputRedirected) return Console.ReadLine();
        Console.Write(question);
        var secret = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key is ConsoleKey.Enter) break;
            if (key.Key is ConsoleKey.Backspace && secret.Length > 0) secret.Length--;
            else if (!char.IsControl(key.KeyChar)) secret.Append(key.KeyChar);
        }
        Console.WriteLine();
        return secret.ToString();
    }
}
