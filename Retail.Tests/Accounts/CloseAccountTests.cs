using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Accounts;

public sealed class CloseAccountTests(TestDatabase database)
{
    [Fact]
    public async Task An_account_is_closed_by_its_password_and_an_admin_s_never()
    {
        await using var shop = await Shop.StartAsync(database);
        var browser = await shop.OpenAsync("/account/register");
        await browser.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "ola@example.com"), ("Password", "longer than eight"));
        await browser.OpenAsync("/account");
        await browser.SubmitAsync("Close my account", ("Closing.Password", "not hers"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.Contains("This is not your current password.", browser.Text, StringComparison.Ordinal);
        Assert.NotNull(browser.Document.QuerySelector("details[open] input[name='Closing.Password']"));
        await browser.SubmitAsync("Close my account", ("Closing.Password", "longer than eight"));
        Assert.Equal("/", browser.Uri.AbsolutePath);
        Assert.Equal(0L, await shop.SqlAsync("SELECT count(*) FROM customers WHERE email = 'ola@example.com'"));
        await browser.OpenAsync("/account");
        Assert.Equal("/account/sign-in", browser.Uri.AbsolutePath);

        await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "admin123"));
        await browser.OpenAsync("/account");
        await browser.SubmitAsync("Close my account", ("Closing.Password", "admin123"));
        Assert.Contains("This account runs the shop", browser.Text, StringComparison.Ordinal);
    }
}
