using System.Text.Json;
using System.Xml.Linq;
using Retail.Tests.Commands;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>verify as a person and a pipeline use it.</summary>
public sealed class VerifyCommandTests(TestDatabase database)
{
    [Fact]
    public async Task It_tells_the_verdicts_in_every_form_and_by_its_exit_code()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var early = await retail.RunAsync("verify");
        Assert.Equal((1, ""), (early.ExitCode, early.Output));
        Assert.Contains("run migrate first", early.Errors, StringComparison.Ordinal);

        await retail.RunAsync("migrate");
        var report = Path.Combine(retail.Folder, "verdicts.xml");
        var unproven = await retail.RunAsync("verify", "--gate", "--max-age", "24h", "--junit", report);
        Assert.Equal(2, unproven.ExitCode);
        Assert.Contains("A1 NOT EXERCISED", unproven.Output, StringComparison.Ordinal);
        Assert.Contains("The gate is closed: not every promise is proven.", unproven.Output, StringComparison.Ordinal);
        var cases = XDocument.Load(report).Descendants("testcase").ToList();
        Assert.Equal(20, cases.Count);
        Assert.Contains(cases, c => c.Attribute("name")!.Value.StartsWith("A1 ", StringComparison.Ordinal) && c.Element("error")!.Attribute("type")!.Value == "NOT_EXERCISED");
        Assert.Equal("0", await retail.QueryAsync("SELECT count(*) FROM verdicts"));   // a stricter look is no part of the history

        // One unit that is in no ledger.
        await retail.RunAsync("populate-products");
        await retail.QueryAsync("UPDATE stock_items SET on_hand = on_hand + 1 WHERE variant_id = (SELECT variant_id FROM stock_items ORDER BY variant_id LIMIT 1)");
        var broken = await retail.RunAsync("verify", "--json");
        Assert.Equal(1, broken.ExitCode);
        var json = JsonDocument.Parse(broken.Output).RootElement;
        Assert.Equal(1, json.GetProperty("exitCode").GetInt32());
        var a1 = json.GetProperty("scenarios").EnumerateArray().Single(s => s.GetProperty("id").GetString() == "A1");
        Assert.Equal("FAIL", a1.GetProperty("status").GetString());
        var measure = a1.GetProperty("measures").EnumerateArray().Single(m => m.GetProperty("measure").GetString() == "stock_differences = 0");
        Assert.Equal((1, 1), (measure.GetProperty("value").GetDouble(), measure.GetProperty("rows").GetArrayLength()));
        Assert.Equal("20", await retail.QueryAsync("SELECT count(*) FROM verdicts"));

        var table = await retail.RunAsync("verify");
        Assert.Equal(1, table.ExitCode);
        Assert.Contains("A1 FAIL: stock_differences = 0: 1, demanded = 0, on ", table.Output, StringComparison.Ordinal);

        var slo = await retail.RunAsync("verify", "--openslo");
        Assert.Equal(0, slo.ExitCode);
        Assert.Contains("apiVersion: openslo/v1\nkind: SLO", slo.Output, StringComparison.Ordinal);
        Assert.Contains("target: 0.95", slo.Output, StringComparison.Ordinal);

        var wrong = await retail.RunAsync("verify", "--max-age", "soon");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("--max-age is a time such as 30min, 24h or 7d, not 'soon'.", wrong.Errors, StringComparison.Ordinal);
    }
}
