using Retail.Tests.Commands;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Configuration;

public sealed class ProductionTests(TestDatabase database)
{
    private const string OwnSecret = "a secret of our own, which nobody else knows";

    private static readonly (string, string)[] Complete =
    [
        ("ASPNETCORE_ENVIRONMENT", "Production"), ("SECRET_KEY", OwnSecret), ("Payments__GatewayUrl", "https://gateway.example"), ("Payments__SecretKey", "sk_live_ours"),
        ("Payments__WebhookSecret", "whsec_ours"), ("Store__PublicUrl", "https://shop.example.com"), ("Mail__From", "shop@example.com"), ("Mail__Primary__Url", "https://mail.example.com"),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("retail-development-key-known-to-everybody")]
    [InlineData("change-me-to-a-long-random-text-of-your-own")]
    [InlineData("too short")]
    public async Task Production_does_not_start_with_a_secret_that_everybody_knows(string secret)
    {
        var answer = await RetailCommand.RunAsync([.. Complete, ("SECRET_KEY", secret)], "Host=nowhere", "", "serve");
        Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
        Assert.Equal("Set SECRET_KEY to a random text of your own of at least 32 characters: openssl rand -base64 48.\n", answer.Errors);
    }

    [Fact]
    public async Task Production_does_not_start_with_debug()
    {
        var answer = await RetailCommand.RunAsync([.. Complete, ("DEBUG", "1")], "Host=nowhere", "", "serve");
        Assert.Equal((1, "Set DEBUG to false: it shows visitors the inside of the store.\n"), (answer.ExitCode, answer.Errors));
    }

    [Fact]
    public async Task Production_does_not_start_while_an_admin_has_the_password_that_everybody_knows()
    {
        var store = await Shop.SeededDatabaseAsync(database);
        var answer = await RetailCommand.RunAsync(Complete, store, "", "serve", "--urls=http://127.0.0.1:0", "--Logs:Console=false");
        Assert.Equal(1, answer.ExitCode);
        Assert.StartsWith("The admin 'admin' still has the password that everybody knows: run `create-admin --username admin --reset-password", answer.Errors, StringComparison.Ordinal);
        Assert.Single(answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        var again = await RetailCommand.RunAsync(Complete, store, "", "create-admin", "--reset-password");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("In production the password admin123 is refused", again.Errors, StringComparison.Ordinal);
        await database.DropAsync(store);
    }

    [Fact]
    public async Task Verify_env_lists_what_is_missing_and_what_everybody_knows()
    {
        var answer = await RetailCommand.RunAsync([("SECRET_KEY", "change-me-to-a-long-random-text-of-your-own"), ("DEBUG", "true"), ("Mail__From", "shop@example.com")], "", "", "verify-env");
        Assert.Equal(1, answer.ExitCode);
        foreach (var line in (string[])["missing  DATABASE_URL ", "refused  SECRET_KEY ", "refused  DEBUG ", "present  Mail__From", "missing  Mail__Primary__Host ", "missing  Payments__GatewayUrl ", "8 of 9 are not as production needs them."])
            Assert.Contains(line, answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_env_is_content_when_everything_is_set()
    {
        var answer = await RetailCommand.RunAsync(Complete, "postgresql://ann:hunter2@db/shop", "", "verify-env");
        Assert.Equal(0, answer.ExitCode);
        Assert.EndsWith("Everything that production needs is set.\n", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(OwnSecret, answer.Output, StringComparison.Ordinal);
    }
}
