using System.CommandLine;
using Retail.Core.Accounts;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Makes an admin without asking: for scripts and for the first minutes.</summary>
internal static class CreateAdminCommand
{
    private static readonly Option<string> UserName = new("--username") { Description = "Name to sign in with.", DefaultValueFactory = _ => FirstStart.AdminName };
    private static readonly Option<string> Email = new("--email") { Description = "Where mail reaches the admin.", DefaultValueFactory = _ => FirstStart.AdminEmail };
    private static readonly Option<string> Password = new("--password") { Description = "At least 8 characters.", DefaultValueFactory = _ => FirstStart.AdminPassword };
    private static readonly Option<bool> Reset = new("--reset-password") { Description = "Where the account exists, give it this password and end its sessions." };

    public static Command Create()
    {
        var command = new Command("create-admin", """
            Makes an admin account. An account that exists keeps its email and password, and becomes an admin.

            Examples:
              create-admin
              create-admin --username kim --email kim@example.com --password 'a long sentence'
              create-admin --reset-password --password 'a long sentence'
            """)
        { UserName, Email, Password, Reset };
        command.SetAction(async (parsed, ct) =>
        {
            var (name, password) = (parsed.GetRequiredValue(UserName).Trim(), parsed.GetRequiredValue(Password));
            if (password == FirstStart.AdminPassword && StoreHost.EnvironmentName(StoreDatabase.WillBeEmbedded) == Environments.Production)
                return await RefuseAsync($"In production the password {FirstStart.AdminPassword} is refused, because everybody knows it: choose one with --password.");
            await using var store = await CommandStore.OpenAsync(ct);
            var accounts = store.Get<AccountService>();
            var made = await accounts.EnsureAdminAsync(name, parsed.GetRequiredValue(Email), password, ct);
            if (made.Error is { } refusal) return await RefuseAsync(refusal.Message);
            if (made.Value is not AdminOutcome.Created && parsed.GetValue(Reset))
            {
                var reset = await accounts.ResetPasswordAsync(name, password, ct);
                if (reset.Error is { } weak) return await RefuseAsync(weak.Message);
                Console.WriteLine($"Gave the admin '{name}' the new password and ended all sessions.");
            }
            else Console.WriteLine(made.Value switch
            {
                AdminOutcome.Created => $"Created the admin '{name}'.",
                AdminOutcome.Promoted => $"The account '{name}' existed and is an admin now; its password is unchanged.",
                AdminOutcome.AlreadyThere => $"The admin '{name}' exists already: nothing was changed.",
                var other => throw new InvalidOperationException($"{other} is not an outcome."),
            });
            if (await accounts.HasPasswordAsync(name, FirstStart.AdminPassword))
                await Console.Error.WriteLineAsync($"Warning: everybody knows the password {FirstStart.AdminPassword}. Change it: create-admin --username {name} --reset-password --password '...'");
            return 0;
        });
        return command;
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }
}
