using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Quality.Scenarios;
using Retail.Core.Quality.Scenarios.SelfTest;

namespace Retail.Web.Commands;

/// <summary>Holds the store to its promises, for people and for the gate of a deployment.</summary>
internal static class VerifyCommand
{
    private const int Broken = 1, Unproven = 2;
    private static readonly TimeSpan GateAge = TimeSpan.FromHours(24);

    private static readonly Option<bool> Json = new("--json") { Description = "Print everything as JSON." };
    private static readonly Option<string> JUnit = new("--junit") { Description = "Write a JUnit report to this file as well.", HelpName = "FILE" };
    private static readonly Option<bool> Gate = new("--gate") { Description = "For a deployment: print only what stops it. Evidence may be 24 hours old, unless --max-age says otherwise." };
    private static readonly Option<string> MaxAge = new("--max-age") { Description = "Evidence that is older proves nothing: 30min, 24h, 7d.", HelpName = "AGE" };
    private static readonly Option<bool> OpenSloOut = new("--openslo") { Description = "Print the scenarios that map as OpenSLO v1, and evaluate nothing." };
    private static readonly Option<bool> SelfTest = new("--selftest") { Description = "Prove that each scenario can fail: in a scratch database, plant a violation of each measure and remove it again." };

    public static Command Create()
    {
        var command = new Command("verify", """
            Evaluates all quality scenarios of QS-Catalog.md on what the store has recorded.
            Exit code: 0 when all pass, 1 when one fails, 2 when none fails but evidence is missing or old.

            Examples:
              verify
              verify --json
              verify --gate --max-age 24h --junit verdicts.xml
              verify --selftest
            """)
        { Json, JUnit, Gate, MaxAge, OpenSloOut, SelfTest };
        command.Validators.Add(result =>
        {
            if (result.GetValue(MaxAge) is { } age && AgeOf(age) is null) result.AddError($"--max-age is a time such as 30min, 24h or 7d, not '{age}'.");
            if ((result.GetValue(OpenSloOut) ? 1 : 0) + (result.GetValue(SelfTest) ? 1 : 0) + (result.GetValue(Gate) || result.GetValue(Json) ? 1 : 0) > 1)
                result.AddError("Choose one of --openslo, --selftest, and --json or --gate.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsItIsAsync(ct);
            var catalogue = store.Get<CatalogueFile>().Current;
            if (catalogue.Mistakes.Count > 0) throw new StartupException(string.Join(Environment.NewLine, catalogue.Mistakes));
            if (parsed.GetValue(OpenSloOut))
            {
                Console.Write(OpenSlo.Export(catalogue.Scenarios, store.Get<IOptions<StoreOptions>>().Value.Name));
                return 0;
            }
            if (parsed.GetValue(SelfTest))
                return VerifyOutput.SelfTest(await store.Get<ScenarioSelfTest>().RunAsync(store.Get<NpgsqlDataSource>().ConnectionString, catalogue, ct)) ? 0 : Broken;
            return await EvaluateAsync(store, parsed, ct);
        });
        return command;
    }

    private static async Task<int> EvaluateAsync(CommandStore store, ParseResult parsed, CancellationToken ct)
    {
        if ((await store.Get<DatabaseMigrator>().StatusAsync(ct)).Any(m => !m.Applied))
            throw new StartupException("The tables of this database are not up to date, so there is nothing to verify: run migrate first.");
        var maxAge = parsed.GetValue(MaxAge) is { } age ? AgeOf(age) : parsed.GetValue(Gate) ? GateAge : default(TimeSpan?);
        var verdicts = await store.Get<ScenarioEvaluator>().EvaluateAsync(maxAge, ct);
        // A stricter look than the catalogue's own would stand in the history as a change that there was not.
        if (maxAge is null) await store.Get<VerdictStore>().KeepAsync(verdicts, ct);
        var exit = verdicts.Any(v => v.Status == VerdictStatus.Fail) ? Broken : verdicts.All(v => v.Status == VerdictStatus.Pass) ? 0 : Unproven;
        if (parsed.GetValue(JUnit) is { } file) VerifyOutput.JUnit(verdicts, store.Get<CatalogueFile>().InForce.Scenarios, file);
        if (parsed.GetValue(Json)) VerifyOutput.Json(verdicts, exit, maxAge);
        else if (parsed.GetValue(Gate)) VerifyOutput.Gate(verdicts, exit);
        else VerifyOutput.Table(verdicts);
        return exit;
    }

    private static TimeSpan? AgeOf(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        return double.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Units.Span(number, text[digits..].Trim()) : null;
    }
}
