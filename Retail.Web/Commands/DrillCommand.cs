using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Options;
using Retail.Core.Quality.Drills;
using Retail.Web.Hosting;
using Spectre.Console;

namespace Retail.Web.Commands;

/// <summary>Runs a drill against the store that runs. Exit code 0: passed; 1: failed, refused or stopped.</summary>
internal static class DrillCommand
{
    private static readonly Option<Uri[]> Url = new("--url")
    {
        Description = $"Address of the running store; several for several nodes (Drills:Nodes, else {StoreHost.DefaultUrl}).",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.Select(token =>
        {
            if (Uri.TryCreate(token.Value.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https") return uri;
            result.AddError($"'{token.Value}' is no address such as {StoreHost.DefaultUrl}.");
            return new Uri(StoreHost.DefaultUrl);
        })],
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the result as JSON." };

    public static Command Create()
    {
        var command = new Command("drill", """
            Does to the running store what it promises to withstand, and records what was found. Everything that a drill makes is
            hidden from shoppers, left out of sales figures and cleared away afterwards.

            Examples:
              drill flash-sale --buyers 500 --stock 50
              drill payment-outage
              drill flash-sale --url http://node1:8000 http://node2:8000
            """);
        foreach (var plan in DrillPlans.All) command.Subcommands.Add(Create(plan));
        return command;
    }

    private static Command Create(DrillPlan plan)
    {
        var numbers = plan.Parameters.ToDictionary(p => p, p => new Option<int>($"--{p.Name}") { Description = $"{p.Label} ({p.Min} to {p.Max}).", DefaultValueFactory = _ => p.Default });
        var command = new Command(plan.Name, plan.Harm is null ? plan.About : $"{plan.About}\n\nWhat real shoppers feel of it: {plan.Harm}") { Url, Json };
        foreach (var option in numbers.Values) command.Options.Add(option);
        command.SetAction((parsed, ct) => RunAsync(plan, parsed.GetValue(Url), numbers.ToDictionary(n => n.Key.Name, n => parsed.GetValue(n.Value)), parsed.GetValue(Json), ct));
        return command;
    }

    private static async Task<int> RunAsync(DrillPlan plan, Uri[]? urls, Dictionary<string, int> numbers, bool json, CancellationToken ct)
    {
        await using var store = await CommandStore.OpenAsync(ct);
        var begun = await store.Get<DrillRunner>().BeginAsync(new DrillWish
        {
            Name = plan.Name,
            Parameters = numbers,
            Nodes = urls is { Length: > 0 } ? urls : store.Get<IOptions<DrillsOptions>>().Value.Nodes is { Count: > 0 } nodes ? nodes : [new Uri(StoreHost.DefaultUrl)],
            AskedBy = "command line",
        }, ct);
        if (begun.Error is { } refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
        await using var turn = begun.Value;
        var run = await store.Get<DrillRunner>().RunAsync(turn, new Terminal(), ct);
        if (json) Console.WriteLine(run.Result);
        else Show(run);
        return run.Status == DrillStatus.Passed ? 0 : 1;
    }

    private static void Show(DrillRun run)
    {
        var result = DrillResult.Read(run.Result)!;
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "Found", "Must be", "");
        table.Columns[1].RightAligned();
        foreach (var figure in result.Figures)
            table.AddRow(figure.Words.EscapeMarkup(), figure.Text, (figure.Wanted ?? "").EscapeMarkup(), figure.Holds switch { true => "ok", false => "FAILS", null => "" });
        AnsiConsole.Write(table);
        foreach (var figure in result.Figures.Where(f => f.Holds is false && f.Detail is not null)) Console.WriteLine($"{figure.Words}: {figure.Detail}");
        if (result.Problem is { } problem) Console.WriteLine(problem);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Status.ToString().ToUpperInvariant()}  {run.Name}, {(run.FinishedAt - run.StartedAt)?.TotalSeconds:0.0} s. Its evidence: /admin/drills/{run.Id}"));
    }

    // On standard error, so that what is piped on is the result alone.
    private sealed class Terminal : IProgress<DrillStep>
    {
        public void Report(DrillStep value) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Seconds,6:0.0} s  {value.Text}"));
    }
}
