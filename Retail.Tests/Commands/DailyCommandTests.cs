using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Commands;

/// <summary>What an operator types to look and to help.</summary>
public sealed class DailyCommandTests(TestDatabase database)
{
    [Fact]
    public async Task Healthcheck_says_whether_the_store_is_ready()
    {
        await using var shop = await Shop.StartAsync(database);
        var well = await RetailCommand.RunAsync("", "", "healthcheck", new Uri(shop.BaseAddress, "/health/readiness").ToString());
        Assert.Equal(0, well.ExitCode);
        Assert.Contains("\"status\":\"ready\"", well.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await RetailCommand.RunAsync("", "", "healthcheck", new Uri(shop.BaseAddress, "/nothing").ToString())).ExitCode);
        var away = await RetailCommand.RunAsync("", "", "healthcheck", "http://127.0.0.1:1/health");
        Assert.Equal(1, away.ExitCode);
        Assert.StartsWith("http://127.0.0.1:1/health does not answer", away.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shell_counts_and_runs_one_command_after_the_other()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var answer = await retail.RunWithInputAsync("count products\npopulate-products\n# a remark\n\ncount products\ncount\ncount nonsense\ncount admins\nserve\nexit\ncount products\n", "shell");
        // Between them stands the help that the mistyped command prints.
        string[] said = ["0", "Added 10 products.", "10", "10", "0", "Not from here: leave the shell first."];
        Assert.Equal(said, answer.Output.Split('\n').Where(said.Contains));
        Assert.Contains("It counts products, published, categories, customers, admins, orders, payments, outbox.", answer.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unlock_lets_an_account_in_again_at_once()
    {
        await using var shop = await Shop.StartAsync(database);
        var browser = await shop.OpenAsync("/account/sign-in");
        for (var i = 0; i < 10; i++) await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "guess"));
        await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "admin123"));
        Assert.Contains("Too many tries.", browser.Text, StringComparison.Ordinal);
        var unlocked = await RetailCommand.RunAsync(shop.ConnectionString, "", "unlock", "admin@example.com");
        Assert.Equal((0, "'admin@example.com' can sign in again.\n"), (unlocked.ExitCode, unlocked.Output));
        await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "admin123"));
        Assert.NotEqual("/account/sign-in", browser.Uri.AbsolutePath);
        Assert.Equal((1, "There is no account 'nobody'. Check the name.\n"), (await RetailCommand.RunAsync(shop.ConnectionString, "", "unlock", "nobody")) is var refused ? (refused.ExitCode, refused.Errors) : default);
    }
}
