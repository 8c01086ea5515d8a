using System.Net;
using Retail.Core.Quality.Scenarios;
using Retail.Tests.Admin;
using Retail.Tests.HouseRules;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>The board of promises as an admin sees it, and readiness as a load balancer does.</summary>
public sealed class ScenarioPagesTests(TestDatabase database)
{
    [Fact]
    public async Task The_board_follows_the_catalogue_without_restart_and_tells_its_mistakes()
    {
        var folder = TestDatabase.NewFolder();
        try
        {
            var (path, text) = (Path.Combine(folder, CatalogueFile.Name), await File.ReadAllTextAsync(Path.Combine(DependencyTests.RepositoryRoot(), CatalogueFile.Name), TestContext.Current.CancellationToken));
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
            await using var shop = await Shop.StartAsync(database, worker: false, $"--Quality:Catalogue={path}");
            var browser = await shop.OpenAsAdminAsync("/metrics/quality-scenarios/");
            Assert.Equal(20, browser.Document.QuerySelectorAll(".scenario").Length);
            Assert.Equal("PASS", Verdict("M1") is "NOT EXERCISED" ? "PASS" : Verdict("M1"));
            Assert.Equal("NOT EXERCISED", Verdict("A1"));
            Assert.Contains("No worker has evaluated the scenarios yet", browser.Text, StringComparison.Ordinal);

            await browser.SubmitAsync("Evaluate now");
            Assert.Contains("Evaluated 20 scenarios", browser.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("No worker has evaluated", browser.Text, StringComparison.Ordinal);
            Assert.Equal(20L, await shop.SqlAsync("SELECT count(*) FROM verdicts"));

            // The limit is edited: stock is looked at now, with a demand that can't be met.
            await EditAsync(text.Replace("- `stock_differences = 0`: counter, ledger and open orders agree", "- `stock_differences > 1000`: counter, ledger and open orders agree", StringComparison.Ordinal));
            await browser.OpenAsync("/metrics/quality-scenarios/");
            Assert.Equal("FAIL", Verdict("A1"));
            await browser.SubmitAsync("Evaluate now");
            await browser.OpenAsync("/metrics/quality-scenarios/A1");
            Assert.Contains("stock_differences > 1000", browser.Text, StringComparison.Ordinal);
            Assert.Contains("it first failed", browser.Text, StringComparison.OrdinalIgnoreCase);
            await browser.OpenAsync(browser.Document.QuerySelector("figcaption a")!.GetAttribute("href")!);
            Assert.Contains("This is the verdict of", browser.Text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, await ReadinessAsync());

            await EditAsync(text.Replace("payment_success_rate >= 95% over 7d min 20`:", "payment_success_rate >= lots`:", StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadinessAsync());
            await browser.OpenAsync("/health/readiness");
            Assert.Contains("expected a number", browser.Document.DocumentElement.TextContent, StringComparison.Ordinal);
            await browser.OpenAsync("/metrics/quality-scenarios/");
            Assert.Contains("The catalogue has a mistake", browser.Text, StringComparison.Ordinal);
            Assert.Equal(20, browser.Document.QuerySelectorAll(".scenario").Length);   // the last good one is in force

            await EditAsync(text);
            Assert.Equal(HttpStatusCode.OK, await ReadinessAsync());
            await browser.OpenAsync("/metrics/quality-scenarios/Z9");
            Assert.Equal(HttpStatusCode.NotFound, browser.Status);

            string? Verdict(string id) => browser.Document.QuerySelectorAll(".scenario").Single(p => p.QuerySelector("h3 a")!.GetAttribute("href")!.EndsWith("/" + id, StringComparison.Ordinal)).QuerySelector(".verdict")!.TextContent;

            async Task EditAsync(string content)
            {
                await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
            }

            async Task<HttpStatusCode> ReadinessAsync()
            {
                using var answer = await browser.SendAsideAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(shop.BaseAddress, "/health/readiness")));
                return answer.StatusCode;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
