using System.Globalization;
using Retail.Core.Notifications;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Notifications;

/// <summary>What happens between a promise and a mailbox.</summary>
public sealed class DeliveryTests(TestDatabase database)
{
    [Fact]
    public async Task A_mail_reaches_a_real_server_and_a_second_run_sends_nothing_more()
    {
        await using var sink = new SmtpSink();
        await using var store = await PostOffice.StartAsync(database, PostOffice.Smtp("Primary", sink.Port));
        var customer = await store.HasCustomerAsync("ada@example.com");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");

        var mail = Assert.Single(sink.Mails);
        Assert.Contains("<ada@example.com>", mail.To, StringComparison.Ordinal);
        Assert.Contains("<shop@example.com>", mail.From, StringComparison.Ordinal);
        Assert.Equal("Welcome to Corner shop", mail.Header("Subject"));
        Assert.Matches("^<[0-9a-f]{32}@example.com>$", mail.Header("Message-ID"));
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.Contains("Welcome, Ada", mail.Part("text/plain"), StringComparison.Ordinal);
        Assert.Contains("<h1", mail.Part("text/html"), StringComparison.Ordinal);
        Assert.Equal("Sent", await store.QueryAsync<string>("SELECT status FROM notifications"));
        Assert.Equal("primary Sent", await store.QueryAsync<string>("SELECT string_agg(provider || ' ' || outcome, ', ' ORDER BY id) FROM notification_tries"));
    }

    [Fact]
    public async Task Two_workers_at_the_same_moment_send_one_mail()
    {
        await using var sink = new SmtpSink();
        await using var store = await PostOffice.StartAsync(database, PostOffice.Smtp("Primary", sink.Port));
        var customer = await store.HasCustomerAsync("ada@example.com");
        var runs = Enumerable.Range(0, 8).Select(_ => store.NotifyAsync($"welcome-v1:{customer.Id}")).ToList();
        // Those that came second are told to look again later: the first could still die over it.
        foreach (var run in runs) await Record.ExceptionAsync(() => run);
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        Assert.Single(sink.Mails);
    }

    [Theory, InlineData("away"), InlineData("busy"), InlineData("mute")]
    public async Task When_the_primary_is_in_trouble_the_fallback_takes_the_mail(string trouble)
    {
        await using var primary = new SmtpSink { IsMute = trouble == "mute", DataAnswer = "451 busy" };
        await using var fallback = new SmtpSink();
        if (trouble == "away") await primary.StopAsync();
        await using var store = await PostOffice.StartAsync(database, [.. PostOffice.Smtp("Primary", primary.Port), .. PostOffice.Smtp("Fallback", fallback.Port)]);
        var customer = await store.HasCustomerAsync("ada@example.com");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");

        Assert.Single(fallback.Mails);
        Assert.Empty(primary.Mails);
        Assert.Equal("primary Failed, fallback Sent", await store.QueryAsync<string>("SELECT string_agg(provider || ' ' || outcome, ', ' ORDER BY id) FROM notification_tries"));
    }

    [Fact]
    public async Task When_both_are_in_trouble_the_same_mail_goes_later_and_every_try_is_a_row()
    {
        await using var primary = new SmtpSink { DataAnswer = "451 busy" };
        await using var fallback = new SmtpSink { RecipientAnswer = "450 greylisted" };
        await using var store = await PostOffice.StartAsync(database, [.. PostOffice.Smtp("Primary", primary.Port), .. PostOffice.Smtp("Fallback", fallback.Port)]);
        var customer = await store.HasCustomerAsync("ada@example.com");
        await Assert.ThrowsAsync<ProviderAwayException>(() => store.NotifyAsync($"welcome-v1:{customer.Id}"));
        Assert.Equal("Waiting", await store.QueryAsync<string>("SELECT status FROM notifications"));

        primary.DataAnswer = "250 OK";
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        Assert.Single(primary.Mails);
        Assert.Equal("primary Failed, fallback Failed, primary Sent", await store.QueryAsync<string>("SELECT string_agg(provider || ' ' || outcome, ', ' ORDER BY id) FROM notification_tries"));
        Assert.Equal(2, await store.QueryAsync<long>("SELECT count(*) FROM notification_tries WHERE error <> ''"));
    }

    [Fact]
    public async Task An_address_that_no_provider_knows_is_not_tried_for_ever()
    {
        await using var sink = new SmtpSink { RecipientAnswer = "550 no such user" };
        await using var store = await PostOffice.StartAsync(database, PostOffice.Smtp("Primary", sink.Port));
        var customer = await store.HasCustomerAsync("nobody@example.com");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        Assert.Equal("Refused", await store.QueryAsync<string>("SELECT status FROM notifications"));
        Assert.Equal(1, await store.QueryAsync<long>("SELECT count(*) FROM notification_tries"));
    }

    [Fact]
    public async Task Without_a_provider_mail_is_a_file_that_is_there_once()
    {
        var folder = Directory.CreateTempSubdirectory("retail-mail-").FullName;
        await using var store = await PostOffice.StartAsync(database, ("Mail:Folder", folder));
        var customer = await store.HasCustomerAsync("ada@example.com");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        // As after a crash between the file and the commit.
        await store.QueryAsync<int>("WITH again AS (UPDATE notifications SET status = 'Waiting' RETURNING 1) SELECT count(*)::int FROM again");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");

        var file = Assert.Single(Directory.GetFileSystemEntries(folder));
        Assert.EndsWith(".eml", file, StringComparison.Ordinal);
        Assert.Contains("To: ada@example.com", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Line_breaks_in_names_and_addresses_bring_no_header_along()
    {
        await using var sink = new SmtpSink();
        await using var store = await PostOffice.StartAsync(database, [.. PostOffice.Smtp("Primary", sink.Port), ("Store:Name", "Shop\r\nBcc: eve@example.com")]);
        var customer = await store.HasCustomerAsync("ada@example.com", "Ada\r\nX-Evil: 1");
        await store.NotifyAsync($"welcome-v1:{customer.Id}");
        var mail = Assert.Single(sink.Mails);
        Assert.Equal("Welcome to Shop Bcc: eve@example.com", mail.Header("Subject"));
        Assert.Equal("", mail.Header("Bcc"));
        Assert.Equal("", mail.Header("X-Evil"));

        await store.QueryAsync<int>("WITH evil AS (UPDATE customers SET email = E'a@example.com\\r\\nBcc: eve@example.com' RETURNING 1) SELECT count(*)::int FROM evil");
        await store.NotifyAsync($"welcome-v1:{customer.Id}:again");
        Assert.Single(sink.Mails);
        Assert.Equal("Refused", await store.QueryAsync<string>("SELECT status FROM notifications WHERE key LIKE '%again'"));
    }

    [Fact]
    public async Task A_service_without_smtp_gets_the_mail_as_json()
    {
        await using var service = await HttpService.StartAsync();
        await using var store = await PostOffice.StartAsync(database,
            ("Mail:Primary:Url", $"{service.Address}/emails"), ("Mail:Primary:Key", "secret"), ("Sms:Url", $"{service.Address}/sms"), ("Sms:Key", "secret"));
        var order = await store.HasOrderAsync(phone: "+1 (217) 555-0100");
        await store.NotifyAsync($"order-shipped:{order}");
        await store.NotifyAsync($"order-shipped:{order}");

        Assert.Equal(2, service.Requests.Count);
        var mail = service.Requests.Single(r => r.Path == "/emails");
        Assert.Equal("Bearer secret", mail.Authorization);
        Assert.Equal("ada@example.com", mail.Body.GetProperty("to")[0].GetString());
        Assert.Contains("on its way", mail.Body.GetProperty("html").GetString(), StringComparison.Ordinal);
        Assert.Equal($"<{mail.IdempotencyKey}@example.com>", mail.Body.GetProperty("headers").GetProperty("Message-ID").GetString());
        Assert.Equal("+12175550100", service.Requests.Single(r => r.Path == "/sms").Body.GetProperty("to").GetString());
    }

    [Fact]
    public void A_wrong_setting_is_said_in_words()
    {
        static string[] Problems(MailOptions options) => [.. options.Validate(new(options)).Select(p => p.ErrorMessage!)];
        Assert.Empty(Problems(new()));
        Assert.Single(Problems(new() { From = "Shop <shop@example.com>" }));
        Assert.Single(Problems(new() { Fallback = new() { Host = "mail.example.com" } }));
        Assert.Single(Problems(new() { Primary = new() { Host = "mail.example.com", User = "u", Tls = false } }));
        Assert.Single(Problems(new() { Primary = new() { Url = "http://mail.example.com", Key = "k" } }));
        Assert.Single(Problems(new() { Primary = new() { Host = "mail.example.com", Port = 0 } }), p => p.Contains("Port", StringComparison.Ordinal) && p.Contains(65535.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }
}
