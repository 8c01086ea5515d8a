using System.Net;
using Retail.Tests.Commands;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Configuration;

public sealed class RuntimeTests(TestDatabase database)
{
    [Fact]
    public async Task A_start_tells_version_environment_and_settings_and_no_secret()
    {
        await using var shop = await Shop.StartAsync(database, worker: false, "--SECRET_KEY=hunter2hunter2", "--Store:Name=Corner", "--Mail:Primary:Host=mail.example", "--Mail:Primary:Password=hunter2");
        await shop.StopAsync();
        var log = await File.ReadAllTextAsync(shop.LogFile, TestContext.Current.CancellationToken);
        Assert.Matches("\"message\":\"Starting Retail [0-9.]+ \\([^)]+\\) in Development\"", log);
        Assert.Contains("Settings Store: Name=Corner, Currency=USD", log, StringComparison.Ordinal);
        Assert.Contains("Primary:Password set", log, StringComparison.Ordinal);
        Assert.Matches("\"message\":\"Server started: Retail ", log);
        Assert.DoesNotContain("hunter2", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_maintenance_shoppers_are_asked_to_come_back_and_the_rest_goes_on()
    {
        await using var shop = await Shop.StartAsync(database, worker: false, "--MAINTENANCE_MODE=on");
        var browser = await shop.OpenAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
        Assert.Contains("We are tidying up", browser.Text, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(2), browser.Answer!.Headers.RetryAfter!.Delta);
        await browser.OpenAsync("/api/products/");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (browser.Status, browser.Answer!.Content.Headers.ContentType!.MediaType));
        await browser.OpenAsync("/health/readiness");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.OpenAsync("/admin/");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "admin123"));
        Assert.Equal((HttpStatusCode.OK, "/admin/"), (browser.Status, browser.Uri.AbsolutePath));
    }

    [Fact]
    public async Task Only_debug_shows_what_failed()
    {
        foreach (var debug in (bool[])[true, false])
        {
            await using var shop = await Shop.StartAsync(database, worker: false, $"--DEBUG={debug}");
            await shop.SqlAsync("ALTER TABLE orders RENAME TO orders_gone");
            var browser = await shop.OpenAsync("/orders/find");
            await browser.SubmitAsync("Find it", ("Number", "100001"), ("Email", "ola@example.com"));
            Assert.Equal(HttpStatusCode.InternalServerError, browser.Status);
            Assert.Equal(debug, browser.Text.Contains("PostgresException", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("--DEBUG=perhaps", "DEBUG is true or false.")]
    [InlineData("--KnownProxies:0=nginx", "KnownProxies: 'nginx' is neither an address such as 10.0.0.5 nor a network such as 10.0.0.0/8.")]
    [InlineData("--DATABASE_WAIT=-1", "DATABASE_WAIT is from 0 to 3600 seconds.")]
    public async Task A_setting_that_can_t_be_used_stops_the_start_with_one_sentence(string setting, string sentence)
    {
        var store = await Shop.SeededDatabaseAsync(database);
        var answer = await RetailCommand.RunAsync(store, "", "serve", "--urls=http://127.0.0.1:0", "--Logs:Console=false", setting);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(sentence, Assert.Single(answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.OrdinalIgnoreCase);
        await database.DropAsync(store);
    }
}
