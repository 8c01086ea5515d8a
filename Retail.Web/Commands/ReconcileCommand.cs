using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retail.Core.Quality.Reconciliation;
using Retail.Web.Api;

namespace Retail.Web.Commands;

/// <summary>Compares the books: stock, ledger, orders, payments.</summary>
internal static class ReconcileCommand
{
    private const int MostLines = 1000;

    private static readonly Option<bool> Json = new("--json") { Description = "Answer as JSON, as GET /admin/reconcile does." };
    private static readonly Option<bool> All = new("--all") { Description = $"List the variants that agree, too (at most {MostLines})." };
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("reconcile", """
            Compares the stock of every variant with its ledger and with the lines of orders, orders with their lines and payments,
            and looks for rows that refer to nothing. Changes nothing. The exit code is 1 when something is CRITICAL.

            Examples:
              reconcile
              reconcile --all
              reconcile --json | jq .differences
            """)
        { Json, All };
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            var filter = parsed.GetValue(All) ? BooksFilter.All : BooksFilter.Open;
            var report = await store.Get<Reconciler>().RunAsync($"{Environment.UserName} (command line)", filter, 1, MostLines, ct);
            if (parsed.GetValue(Json)) Console.WriteLine(JsonSerializer.Serialize(ReconciliationJson.Of(report), Web));
            else Print(report);
            return report.Run.Result == Severity.Critical ? 1 : 0;
        });
        return command;
    }

    private static void Print(ReconciliationReport report)
    {
        var run = report.Run;
        if (report.Variants.Count > 0)
        {
            Line("STATUS", "SKU", "ON HAND", "RESERVED", "LEDGER", "PROMISED", "SOLD", "OVERSOLD");
            foreach (var books in report.Variants)
            {
                Line(ReconciliationJson.Word(books.Status), books.Sku, Text(books.Stock?.OnHand), Text(books.Stock?.Reserved), $"{books.Ledger.OnHand}/{books.Ledger.Reserved}",
                    Text(books.OrdersPromised), Text(books.OrdersSold), Text(books.Oversold));
                if (books.Words.Length > 0) Console.WriteLine($"          {books.Words}");
            }
            if (report.Total > report.Variants.Count) Console.WriteLine($"... and {report.Total - report.Variants.Count} more.");
            Console.WriteLine();
        }
        foreach (var finding in run.Findings.Where(f => f.Kind is FindingKind.Totals or FindingKind.Payments or FindingKind.Orphans).Take(MostLines))
            Console.WriteLine($"{ReconciliationJson.Word(finding.Severity),-9} {finding.Subject}: {finding.Words}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ReconciliationJson.Word(run.Result)}: {run.Checked} variants checked in {(run.FinishedAt - run.StartedAt).TotalSeconds:0.0} s; differences: stock {run.Stock}, totals {run.Totals}, payments {run.Payments}, orphans {run.Orphans}; oversold units {run.Oversold}."));
    }

    private static void Line(params string[] cells) =>
        Console.WriteLine($"{cells[0],-9} {cells[1],-28} {cells[2],9} {cells[3],9} {cells[4],13} {cells[5],9} {cells[6],9} {cells[7],9}".TrimEnd());

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
