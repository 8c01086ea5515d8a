using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Data;
using Retail.Tests.Observability;
using Retail.Tests.Support;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Configuration;

/// <summary>PostgreSQL is stopped while the store runs, and before it starts.</summary>
public sealed class DatabaseAwayTests(RestartablePostgres postgres) : IClassFixture<RestartablePostgres>
{
    [Fact]
    public async Task Pages_say_politely_that_the_shop_can_t_answer_and_recover_by_themselves()
    {
        var logs = Directory.CreateTempSubdirectory("retail-logs-").FullName;
        await using (var app = StoreHost.Build(["--urls=http://127.0.0.1:0", $"--Logs:Folder={logs}", "--Logs:Console=false"], postgres.ConnectionString, embedded: false))
        {
            await app.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(TestContext.Current.CancellationToken);
            await FirstStart.SeedAsync(app.Services, TestContext.Current.CancellationToken);
            await app.StartAsync(TestContext.Current.CancellationToken);
            using var browser = new Browser(new Uri(app.Urls.First()));
            await UntilAsync(browser, "/health/readiness", HttpStatusCode.OK);

            await postgres.StopAsync();
            await browser.OpenAsync("/orders/find");
            await browser.SubmitAsync("Find it", ("Number", "100001"), ("Email", "ola@example.com"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
            Assert.Contains("The shop can\u2019t answer just now. Your cart is safe", browser.Text, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(10), browser.Answer!.Headers.RetryAfter!.Delta);
            await browser.OpenAsync("/products/");
            Assert.Equal(HttpStatusCode.OK, browser.Status);   // from memory
            await browser.OpenAsync("/api/cart/status");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
            using var wish = new HttpRequestMessage(HttpMethod.Post, new Uri(browser.Uri, "/api/cart")) { Content = new StringContent($$"""{"variantId":"{{Guid.Empty}}"}""", null, "application/json") };
            using var refused = await browser.SendAsideAsync(wish);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("\"code\":\"unavailable\"", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

            await postgres.StartAsync();
            await UntilAsync(browser, "/health/readiness", HttpStatusCode.OK);
            await browser.OpenAsync("/orders/find");
            await browser.SubmitAsync("Find it", ("Number", "100001"), ("Email", "ola@example.com"));
            Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        }
        Directory.Delete(logs, recursive: true);
    }

    [Fact]
    public async Task A_start_waits_for_the_database_tells_so_and_gives_up_after_a_set_time()
    {
        await postgres.StopAsync();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        var told = new List<string>();
        var refusal = await Assert.ThrowsAsync<StartupException>(() => DatabaseAddress.WaitAsync(database, TimeSpan.FromMilliseconds(700), told.Add, TestContext.Current.CancellationToken));
        Assert.StartsWith("No database answers at ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Trying again for 1 seconds.", Assert.Single(told), StringComparison.Ordinal);

        var waiting = DatabaseAddress.WaitAsync(database, TimeSpan.FromSeconds(60), null, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await postgres.StartAsync();
        await waiting;
    }

    private static async Task UntilAsync(Browser browser, string path, HttpStatusCode status)
    {
        for (var tries = 0; ; tries++)
        {
            await browser.OpenAsync(path);
            if (browser.Status == status) return;
            Assert.True(tries < 300, $"{path} still answers {browser.Status} after 30 seconds.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
