using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Configuration;

/// <summary>What docs/troubleshooting.md says, seen by breaking it.</summary>
public sealed class TroubleTests(TestDatabase database)
{
    [Fact]
    public async Task A_store_whose_tables_are_behind_is_not_ready_and_says_why()
    {
        await using var shop = await Shop.StartAsync(database);
        await shop.SqlAsync("""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = (SELECT max("MigrationId") FROM "__EFMigrationsHistory")""");
        var browser = await shop.OpenAsync("/health/readiness");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
        Assert.Contains("\"migrations\":\"failing\"", await browser.Answer!.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_products_says_so_and_is_well()
    {
        await using var shop = await Shop.StartAsync(database);
        await shop.SqlAsync("UPDATE products SET status = 'Draft'");
        var browser = await shop.OpenAsync("/products/");
        for (var tries = 0; tries < 100 && !browser.Text.Contains("Nothing", StringComparison.Ordinal); tries++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            await browser.OpenAsync("/products/");
        }
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("Nothing", browser.Text, StringComparison.Ordinal);
        await browser.OpenAsync("/");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.OpenAsync("/health/readiness");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }
}
