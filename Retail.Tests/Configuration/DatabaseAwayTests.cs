using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Data;
using Retail.Tests.Crash;
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

    [Fact]
    public async Task A_worker_that_is_started_before_its_database_says_so_waits_and_goes_on()
    {
        await postgres.StopAsync();
        var (logs, health) = (Directory.CreateTempSubdirectory("retail-logs-").FullName, new Uri($"http://127.0.0.1:{StoreProcess.FreePort()}/"));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Retail.Worker.dll"), $"--Worker:HealthUrl={health}", $"--Logs:Folder={logs}", "--Logs:Console=false", $"--Mail:Folder={logs}"])
        {
            RedirectStandardError = true,
            WorkingDirectory = logs,
        };
        start.Environment["DATABASE_URL"] = postgres.ConnectionString;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Payments__GatewayUrl"] = "http://127.0.0.1:9/simulator/";
        using var worker = Process.Start(start)!;
        try
        {
            var told = await worker.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("No database answers at ", told, StringComparison.Ordinal);
            await postgres.StartAsync();
            // It listens only once it can work.
            using (var client = new HttpClient { BaseAddress = health })
                for (var tries = 0; !await IsReadyAsync(client); tries++)
                {
                    Assert.True(tries < 600, "The worker is not ready a minute after its database.");
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                }
            using (var stop = Process.Start("kill", ["-TERM", worker.Id.ToString(CultureInfo.InvariantCulture)])) await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(0, worker.ExitCode);
        }
        finally
        {
            if (!worker.HasExited) worker.Kill();
            Directory.Delete(logs, recursive: true);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/health/readiness", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
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
