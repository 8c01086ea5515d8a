using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Configuration;

public sealed class SecretKeyTests(TestDatabase database)
{
    private const string One = "--SECRET_KEY=the first secret of this store", Two = "--SECRET_KEY=the second secret of this store";
    private const string Plain = "SELECT count(*) FROM protection_keys WHERE xml NOT LIKE 'sealed1:%'";

    [Fact]
    public async Task Keys_lie_encrypted_in_the_database_and_a_changed_secret_with_the_former_one_signs_nobody_out()
    {
        await using var shop = await Shop.StartAsync(database, worker: false, One);
        var session = await SignInAsync(shop);
        Assert.Equal((0L, 1L), ((long)(await shop.SqlAsync(Plain))!, (long)(await shop.SqlAsync("SELECT count(*) FROM protection_keys"))!));
        Assert.True(await IsSignedInAsync(shop, session));

        await using (var strange = await shop.StartTwinAsync(Two))
        {
            Assert.False(await IsSignedInAsync(strange, session));
            await strange.StopAsync();
            Assert.Contains("SECRET_KEY_PREVIOUS", await File.ReadAllTextAsync(strange.LogFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        // Step one of the change: every node can read with the second secret. Step two: the second is the present one.
        await using (var readied = await shop.StartTwinAsync(One, Two.Replace("KEY=", "KEY_PREVIOUS=", StringComparison.Ordinal)))
            Assert.True(await IsSignedInAsync(readied, session));
        await using (var changed = await shop.StartTwinAsync(Two, One.Replace("KEY=", "KEY_PREVIOUS=", StringComparison.Ordinal)))
        {
            await SealAsync(changed);
            Assert.True(await IsSignedInAsync(changed, session));
        }
        await using (var settled = await shop.StartTwinAsync(Two)) Assert.True(await IsSignedInAsync(settled, session));
    }

    [Fact]
    public async Task Keys_of_an_older_release_are_encrypted_at_the_next_start()
    {
        await using var shop = await Shop.StartAsync(database, worker: false, One);
        var session = await SignInAsync(shop);
        // What an older release wrote: the framework's XML as it is.
        var box = new Retail.Core.Data.SecretBox(One["--SECRET_KEY=".Length..], "");
        await shop.SqlAsync("UPDATE protection_keys SET xml = $1", box.Open((string)(await shop.SqlAsync("SELECT xml FROM protection_keys"))!));
        Assert.StartsWith("<key", (string)(await shop.SqlAsync("SELECT xml FROM protection_keys"))!, StringComparison.Ordinal);
        await using var next = await shop.StartTwinAsync(One);
        Assert.True(await IsSignedInAsync(next, session));
        await SealAsync(next);
        Assert.Equal(0L, await shop.SqlAsync(Plain));
        await using var third = await shop.StartTwinAsync(One);
        Assert.True(await IsSignedInAsync(third, session));
    }

    [Fact]
    public void What_was_tampered_with_is_not_opened()
    {
        var box = new Retail.Core.Data.SecretBox("secret", "");
        var text = box.Seal("key");
        Assert.Equal("key", box.Open(text));
        var changed = text[..^6] + (text[^6] == 'A' ? 'B' : 'A') + text[^5..];
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => box.Open(changed));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => new Retail.Core.Data.SecretBox("another", "").Open(text));
    }

    // What every start does after the migrations.
    private static Task<IReadOnlyList<string>> SealAsync(Shop shop) =>
        ((Retail.Core.Data.DatabaseMigrator)shop.Services.GetService(typeof(Retail.Core.Data.DatabaseMigrator))!).ApplyAsync(TestContext.Current.CancellationToken);

    private static async Task<string> SignInAsync(Shop shop)
    {
        var browser = await shop.OpenAsync("/account/sign-in");
        await browser.SubmitAsync("Sign in", ("Email", "admin"), ("Password", "admin123"));
        return browser.Cookies.GetCookies(shop.BaseAddress)["retail-session"]!.Value;
    }

    private static async Task<bool> IsSignedInAsync(Shop shop, string session)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(shop.BaseAddress, "/account"));
        request.Headers.Add("Cookie", $"retail-session={session}");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }
}
