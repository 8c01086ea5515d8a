using System.CommandLine;
using Retail.Core.Data;

namespace Retail.Web.Commands;

/// <summary>Brings the tables up to date, or says what that would do.</summary>
internal static class MigrateCommand
{
    private static readonly Option<bool> Status = new("--status") { Description = "List all migrations and whether they are applied; change nothing." };
    private static readonly Option<bool> Script = new("--script") { Description = "Print the SQL of what is missing; change nothing." };

    public static Command Create()
    {
        var command = new Command("migrate", """
            Brings the tables up to date. The store does the same when it starts.

            Examples:
              migrate
              migrate --status
              migrate --script > missing.sql
            """)
        { Status, Script };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Status) && result.GetValue(Script)) result.AddError("Choose either --status or --script.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsItIsAsync(ct);
            var migrator = store.Get<DatabaseMigrator>();
            if (parsed.GetValue(Status)) await StatusAsync(migrator, ct);
            else if (parsed.GetValue(Script)) Console.WriteLine(await migrator.ScriptAsync(ct) is { Length: > 0 } sql ? sql : "-- Nothing is missing.");
            else await ApplyAsync(migrator, ct);
            return 0;
        });
        return command;
    }

    private static async Task StatusAsync(DatabaseMigrator migrator, CancellationToken ct)
    {
        var all = await migrator.StatusAsync(ct);
        foreach (var (name, applied) in all) Console.WriteLine($"{(applied ? "applied" : "missing")}  {name}");
        Console.WriteLine(all.Count(m => !m.Applied) is var missing and > 0 ? $"{missing} of {all.Count} missing." : "The tables are up to date.");
    }

    private static async Task ApplyAsync(DatabaseMigrator migrator, CancellationToken ct)
    {
        var applied = await migrator.ApplyAsync(ct);
        foreach (var name in applied) Console.WriteLine($"applied  {name}");
        Console.WriteLine(applied.Count == 0 ? "The tables were up to date: nothing was changed." : "The tables are up to date.");
    }
}
