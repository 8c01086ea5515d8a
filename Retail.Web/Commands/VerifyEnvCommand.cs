using System.CommandLine;
using Retail.Core.Common.Settings;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Says whether everything is set that production needs (D4-08).</summary>
internal static class VerifyEnvCommand
{
    public static Command Create()
    {
        var command = new Command("verify-env", """
            Lists what production needs: present, missing, or refused because everybody knows the value. Looks at the
            environment variables and appsettings.Production.json, never at the database. Exits with 1 when anything is not present.

            Example:
              verify-env && docker compose up -d
            """);
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var needs = ProductionRules.Needs(StoreSettings.Sections(), StoreSettings.Read(Environments.Production));
        var width = needs.Max(n => n.Setting.Variable.Length);
        foreach (var need in needs)
        {
            var word = need.State switch { NeedState.Present => "present", NeedState.Missing => "missing", NeedState.Refused => "refused", var other => throw new InvalidOperationException($"{other} is no state.") };
            Console.WriteLine($"{word}  {need.Setting.Variable.PadRight(width)}{(need.State == NeedState.Present ? "" : "  " + need.Advice)}".TrimEnd());
        }
        var absent = needs.Count(n => n.State != NeedState.Present);
        Console.WriteLine(absent == 0 ? "Everything that production needs is set." : $"{absent} of {needs.Count} are not as production needs them.");
        return absent == 0 ? 0 : 1;
    }
}
