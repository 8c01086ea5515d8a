using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Outbox;
using Retail.Core.Inventory;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Notifications;

/// <summary>What the mails say.</summary>
public sealed class TemplateTests(TestDatabase database)
{
    private const string Evil = "<b onload=alert(1)>Tom & \"Jerry\"</b>";

    public static TheoryData<string, string> Templates => new()
    {
        { Notify.Welcome, "Welcome to Corner shop" },
        { Notify.PasswordReset, "Choose a new password" },
        { Notify.OrderConfirmation, "Your order 100001" },
        { Notify.PaymentDelayed, "Order 100001: your payment takes a little longer" },
        { Notify.OrderCancelled, "Order 100001 was cancelled" },
        { Notify.OrderRefunded, "Your refund for order 100001" },
        { Notify.OrderShipped, "Order 100001 is on its way" },
        { Notify.StockLow, "Only 48 left: " + Evil },
    };

    [Theory, MemberData(nameof(Templates))]
    public async Task A_template_has_both_parts_whole_links_and_no_html_of_strangers(string template, string subject)
    {
        await using var sink = new SmtpSink();
        await using var store = await PostOffice.StartAsync(database, [.. PostOffice.Smtp("Primary", sink.Port), ("Inventory:LowStock", "48")]);
        var order = await store.HasOrderAsync(Evil, Evil);
        await store.NotifyAsync($"{template}:{await AboutAsync(store, template, order)}");

        var mail = Assert.Single(sink.Mails);
        Assert.Equal(subject, mail.Header("Subject"));
        var html = new HtmlParser().ParseDocument(mail.Part("text/html"));
        Assert.Equal(subject, html.Title);
        Assert.Empty(html.QuerySelectorAll("[onload], script, img:not([src^=https]), link"));
        var links = html.QuerySelectorAll("a").Select(a => a.GetAttribute("href")!).ToList();
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.StartsWith("https://shop.example.com/", link, StringComparison.Ordinal));
        Assert.All(html.QuerySelectorAll("table"), table => Assert.Equal("0", table.GetAttribute("cellspacing")));

        var text = mail.Part("text/plain");
        Assert.DoesNotContain("style=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("&amp;", text, StringComparison.Ordinal);
        Assert.Contains("https://shop.example.com", text, StringComparison.Ordinal);
        Assert.Contains(html.QuerySelector("h1")!.TextContent.Trim(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, c => c is '\uE000' or '\uE001');
    }

    [Fact]
    public async Task A_confirmation_names_lines_totals_and_address_in_both_parts()
    {
        await using var sink = new SmtpSink();
        await using var store = await PostOffice.StartAsync(database, PostOffice.Smtp("Primary", sink.Port));
        await store.NotifyAsync($"{Notify.OrderConfirmation}:{await store.HasOrderAsync()}");
        var mail = Assert.Single(sink.Mails);
        Assert.Equal("""
            Thank you, Ada

            We have your order 100001 and its payment with the card ending in 4242. We pack it now and will write again when it is on its way.

            Order 100001
            2 × Cup: $25.00

            Subtotal: $25.00
            Delivery: $4.90
            Total: $29.90

            Deliver to:
            Ada
            1 Main St
            62701 Springfield, IL
            United States

            Delivery: Standard, 3 to 5 working days

            Find your order:
            https://shop.example.com/orders/find

            You ordered without an account: the order number 100001 and this email address open it.

            --
            Corner shop
            https://shop.example.com
            """, mail.Part("text/plain").Replace("\r\n", "\n", StringComparison.Ordinal).Trim());
        var html = new HtmlParser().ParseDocument(mail.Part("text/html")).Body!.TextContent;
        Assert.All(["$25.00", "$4.90", "$29.90", "2 × $12.50", "62701 Springfield, IL", "United States", "Standard, 3 to 5 working days"], fact => Assert.Contains(fact, html, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_promise_about_nobody_is_kept_by_doing_nothing()
    {
        await using var sink = new SmtpSink();
        await using var store = await PostOffice.StartAsync(database, PostOffice.Smtp("Primary", sink.Port));
        foreach (var template in new[] { Notify.Welcome, Notify.PasswordReset, Notify.OrderConfirmation, Notify.StockLow }) await store.NotifyAsync($"{template}:{Guid.Empty}");
        Assert.Empty(sink.Mails);
    }

    private static async Task<Guid> AboutAsync(CoreHost store, string template, Guid order)
    {
        if (template is Notify.Welcome or Notify.PasswordReset) return (await store.HasCustomerAsync("ada@example.com", "Ada & Bob")).Id;
        if (template is not Notify.StockLow) return order;
        await store.HasAdminAsync("boss@example.com");
        await ActivatorUtilities.CreateInstance<LowStockNotice>(store.Services).RunOnceAsync(TestContext.Current.CancellationToken);
        return await store.QueryAsync<Guid>("SELECT notice_id FROM low_stock_items");
    }
}
