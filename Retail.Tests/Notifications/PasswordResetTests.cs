using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Accounts;
using Retail.Tests.Support;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Notifications;

/// <summary>A forgotten password, from the form through the mailbox to the sign-in, in the real store.</summary>
public sealed partial class PasswordResetTests(TestDatabase database) : IAsyncLifetime
{
    private readonly SmtpSink _sink = new();
    private Shop _shop = null!;

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database, worker: true,
            [.. PostOffice.Smtp("Primary", _sink.Port).Select(s => $"--{s.Item1}={s.Item2}"), "--Store:PublicUrl=http://shop.example.com"]);
        await using var scope = _shop.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AccountService>().EnsureAdminAsync(FirstStart.AdminName, FirstStart.AdminEmail, FirstStart.AdminPassword, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Who_reads_the_mail_of_an_account_chooses_its_new_password()
    {
        var shopper = await _shop.OpenAsync("/account/register");
        await shopper.SubmitAsync("Create account", ("Name", "Ada"), ("Email", "ada@example.com"), ("Password", "the first password"));
        await MailAsync("Welcome to Retail");

        var stranger = await _shop.OpenAsync("/account/forgot");
        await stranger.SubmitAsync("Send the link", ("Email", "ada@example.com"));
        Assert.Contains("Look in your mail", stranger.Text, StringComparison.Ordinal);
        var text = (await MailAsync("Choose a new password")).Part("text/plain");
        var path = LinkPattern().Match(text).Groups[1].Value;
        // What is stored opens nothing.
        Assert.Equal(1L, await _shop.SqlAsync("SELECT count(*) FROM notifications WHERE template = 'password-reset-v1' AND text IS NULL AND html IS NULL"));

        await stranger.OpenAsync(path);
        await stranger.SubmitAsync("Save the password", ("Password", "short"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stranger.Status);
        await stranger.SubmitAsync("Save the password", ("Password", "the second password"));
        Assert.Equal("/account/sign-in", stranger.Uri.AbsolutePath);
        Assert.Contains("Your new password is saved", stranger.Text, StringComparison.Ordinal);
        await stranger.SubmitAsync("Sign in", ("Email", "ada@example.com"), ("Password", "the first password"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stranger.Status);
        await stranger.SubmitAsync("Sign in", ("Email", "ada@example.com"), ("Password", "the second password"));
        Assert.Equal("/", stranger.Uri.AbsolutePath);

        var again = await _shop.OpenAsync(path);
        await again.SubmitAsync("Save the password", ("Password", "the third password"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
        Assert.Contains("used already or is older than an hour", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_learns_nothing_and_a_mailbox_is_not_flooded()
    {
        var asked = await _shop.OpenAsync("/account/forgot");
        await asked.SubmitAsync("Send the link", ("Email", FirstStart.AdminEmail));
        var known = asked.Text;
        for (var i = 0; i < 3; i++)
        {
            await asked.OpenAsync("/account/forgot");
            await asked.SubmitAsync("Send the link", ("Email", FirstStart.AdminEmail));
        }
        await asked.OpenAsync("/account/forgot");
        await asked.SubmitAsync("Send the link", ("Email", "nobody@example.com"));
        Assert.Equal(known, asked.Text);
        await WaitAsync(async () => (long)(await _shop.SqlAsync("SELECT count(*) FROM outbox WHERE kind = 'notify' AND status <> 'Done'"))! == 0);
        // Two when the five minutes ended in between.
        Assert.InRange(_sink.Mails.Count, 1, 2);
    }

    [Fact]
    public async Task An_admin_sees_what_was_sent_but_never_a_secret()
    {
        var shopper = await _shop.OpenAsync("/account/register");
        await shopper.SubmitAsync("Create account", ("Name", "Eve <script>"), ("Email", "eve@example.com"), ("Password", "the first password"));
        await shopper.OpenAsync("/account/forgot");
        await shopper.SubmitAsync("Send the link", ("Email", "eve@example.com"));
        await MailAsync("Choose a new password");
        await WaitAsync(async () => (long)(await _shop.SqlAsync("SELECT count(*) FROM notifications WHERE status = 'Sent'"))! == 2);

        await shopper.OpenAsync("/admin/mail");
        Assert.Equal(HttpStatusCode.Forbidden, shopper.Status);
        var admin = await _shop.OpenAsync("/account/sign-in?returnUrl=/admin/mail");
        await admin.SubmitAsync("Sign in", ("Email", "admin"), ("Password", FirstStart.AdminPassword));
        Assert.Contains("Welcome to Retail", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync(admin.Document.QuerySelectorAll("td, th").Single(c => c.TextContent == "Welcome to Retail").QuerySelector("a")!.GetAttribute("href")!);
        var frame = admin.Document.QuerySelector("iframe")!;
        Assert.Equal("", frame.GetAttribute("sandbox"));
        await admin.OpenAsync(frame.GetAttribute("src")!);
        Assert.Contains("sandbox;", admin.Answer!.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("SAMEORIGIN", admin.Answer.Headers.GetValues("X-Frame-Options").Single());
        Assert.Contains("Eve <script>", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/mail?q=password");
        await admin.OpenAsync(admin.Document.QuerySelector("table.list tbody a")!.GetAttribute("href")!);
        Assert.Contains("kept nowhere but", admin.Text, StringComparison.Ordinal);
    }

    private async Task<SunkMail> MailAsync(string subject)
    {
        await WaitAsync(() => Task.FromResult(_sink.Mails.Any(m => m.Header("Subject") == subject)));
        return _sink.Mails.Single(m => m.Header("Subject") == subject);
    }

    private static async Task WaitAsync(Func<Task<bool>> isThere)
    {
        for (var i = 0; i < 200 && !await isThere(); i++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.True(await isThere());
    }

    [GeneratedRegex(@"http://shop\.example\.com(/account/reset\S+)")]
    private static partial Regex LinkPattern();
}
