using System.CommandLine;
using Retail.Core.Accounts;

namespace Retail.Web.Commands;

/// <summary>Lets an account in again that was locked after too many wrong passwords.</summary>
internal static class UnlockCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "User name or email." };

    public static Command Create()
    {
        var command = new Command("unlock", """
            Lifts the lockout of an account. A forgotten password is set with create-admin --reset-password, which unlocks too.

            Example:
              unlock admin
            """)
        { Name };
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            var name = parsed.GetRequiredValue(Name).Trim();
            if ((await store.Get<AccountService>().UnlockAsync(name, ct)).Error is { } refusal)
            {
                await Console.Error.WriteLineAsync(refusal.Message);
                return 1;
            }
            Console.WriteLine($"'{name}' can sign in again.");
            return 0;
        });
        return command;
    }
}
