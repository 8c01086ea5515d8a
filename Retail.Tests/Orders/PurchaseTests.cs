using System.Net;
using System.Net.Http.Json;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

public sealed class PurchaseTests(TestDatabase database) : IAsyncLifetime
{
    private const string Radio = "tern-portable-radio";

    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_guest_buys_and_sees_the_order()
    {
        var stock = await _shop.AvailableAsync(Radio);
        var browser = await _shop.AtCheckoutAsync();
        await browser.PlaceOrderAsync(other: [("ShippingMethod", "express"), ("Line2", "c/o O\u2019Hara & <Sons>")]);

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.StartsWith("/orders/", browser.Uri.AbsolutePath, StringComparison.Ordinal);
        Assert.Contains("Thank you, Mara", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Visa ending in 4242", browser.Text, StringComparison.Ordinal);
        Assert.Contains("c/o O\u2019Hara & <Sons>", browser.Text, StringComparison.Ordinal);
        Assert.Contains("no-store", browser.Answer!.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(stock - 1, await _shop.AvailableAsync(Radio));
        Assert.Equal(1, await _shop.CountAsync("orders WHERE status = 'Paid' AND total_amount = subtotal_amount + 12.90"));
        Assert.Equal(1, await _shop.CountAsync("payments WHERE status = 'Captured'"));

        var order = browser.Uri;
        await browser.OpenAsync(order.AbsolutePath);
        Assert.DoesNotContain("Thank you", browser.Text, StringComparison.Ordinal);
        await browser.OpenAsync("/checkout");
        Assert.Equal("/cart", browser.Uri.AbsolutePath);
    }

    [Theory]
    [InlineData(Buying.DeclinedCard, "Your card was declined.")]
    [InlineData(Buying.PoorCard, "Your card has insufficient funds.")]
    public async Task A_declined_card_keeps_the_cart_and_all_that_was_typed_and_frees_the_stock(string card, string reason)
    {
        var stock = await _shop.AvailableAsync(Radio);
        var browser = await _shop.AtCheckoutAsync();
        await browser.PlaceOrderAsync(card, other: ("ShippingMethod", "express"));

        Assert.Equal(HttpStatusCode.PaymentRequired, browser.Status);
        Assert.Contains(reason, browser.Text, StringComparison.Ordinal);
        Assert.Equal("118 Orchard Lane", browser.Document.QuerySelector("#Input_Line1")!.GetAttribute("value"));
        Assert.True(browser.Document.QuerySelector("input[value=express]")!.HasAttribute("checked"));
        Assert.DoesNotContain(card, browser.Document.DocumentElement.OuterHtml, StringComparison.Ordinal);
        Assert.DoesNotContain("\"987\"", browser.Document.DocumentElement.OuterHtml, StringComparison.Ordinal);
        Assert.Equal(stock, await _shop.AvailableAsync(Radio));

        await browser.SubmitAsync("Place order", ("Number", Buying.PayingCard), ("SecurityCode", "123"));
        Assert.Contains("Thank you, Mara", browser.Text, StringComparison.Ordinal);
        Assert.Equal(stock - 1, await _shop.AvailableAsync(Radio));
    }

    [Fact]
    public async Task One_form_sent_ten_times_at_once_and_once_more_is_one_order_and_one_charge()
    {
        var browser = await _shop.AtCheckoutAsync();
        var forms = Enumerable.Range(0, 10).Select(_ => browser.Fill("Place order", Buying.Filled())).ToList();
        var late = browser.Fill("Place order", Buying.Filled());
        var answers = await Task.WhenAll(forms.Select(browser.SendAsideAsync));
        await browser.SendAsync(late);

        Assert.Contains("Thank you, Mara", browser.Text, StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.Equal(browser.Uri, answer.RequestMessage!.RequestUri));
        Assert.Equal(1, await _shop.CountAsync("orders"));
        Assert.Equal(1, await _shop.CountAsync("payments WHERE status = 'Captured'"));
        Assert.Equal(1, await _shop.CountAsync("stock_movements WHERE kind = 'Sold'"));
        Assert.Equal(1, await _shop.CountAsync("simulator.payment_intents"));
    }

    [Fact]
    public async Task A_price_that_changed_since_the_page_is_told_before_anything_is_ordered()
    {
        var browser = await _shop.AtCheckoutAsync();
        await _shop.SqlAsync("UPDATE variants SET price_amount = price_amount + 7 WHERE product_id = (SELECT id FROM products WHERE slug = $1)", Radio);
        await browser.PlaceOrderAsync();
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Contains("The price is now", browser.Text, StringComparison.Ordinal);
        Assert.Equal(0, await _shop.CountAsync("orders"));

        await browser.SubmitAsync("Place order", ("Number", Buying.PayingCard), ("SecurityCode", "123"));
        Assert.Contains("Thank you, Mara", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_product_that_sold_out_meanwhile_is_told_with_a_way_to_the_cart()
    {
        var browser = await _shop.AtCheckoutAsync();
        await _shop.SqlAsync("UPDATE stock_items SET on_hand = 0 WHERE variant_id IN (SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = $1)", Radio);
        await browser.PlaceOrderAsync();
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Contains("has just sold out", browser.Text, StringComparison.Ordinal);
        Assert.NotNull(browser.Document.QuerySelector(".error-summary a[href='/cart']"));
        Assert.Equal(0, await _shop.CountAsync("orders"));
    }

    [Fact]
    public async Task What_is_missing_is_told_beside_its_field_and_nothing_typed_is_lost()
    {
        var browser = await _shop.AtCheckoutAsync();
        await browser.SubmitAsync("Place order", ("Email", "mara.example.com"), ("City", "Port\tland"), ("Number", "4242 4242 4242 4241"), ("Expiry", "01/20"), ("Country", "XX"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        foreach (var field in (string[])["Input_Email", "Input_City", "Input_Name", "Input_Line1", "Input_Postcode", "Input_Country", "Card_Number", "Card_Expiry", "Card_SecurityCode", "Card_Name"])
        {
            Assert.True(browser.Document.QuerySelector($".error-summary a[href='#{field}']") is not null, $"{field} is not in the summary: {browser.Text}");
            Assert.Equal("true", browser.Document.QuerySelector($"#{field}")?.GetAttribute("aria-invalid"));
        }
        Assert.Equal("mara.example.com", browser.Document.QuerySelector("#Input_Email")!.GetAttribute("value"));
        Assert.DoesNotContain("4241", browser.Document.DocumentElement.OuterHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_is_away_orders_nothing_when_the_card_cant_be_checked()
    {
        await using var shop = await Shop.StartAsync(database, settings: "--Payments:GatewayUrl=http://127.0.0.1:9/");
        var browser = await shop.AtCheckoutAsync();
        await browser.PlaceOrderAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
        Assert.Contains("Nothing was ordered or charged", browser.Text, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("orders"));
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_setting_says_and_the_late_answer_counts()
    {
        await using var shop = await Shop.StartAsync(database, settings: ["--Payments:ShopperWaits=00:00:00.300", "--Simulator:WebhookUrl=none"]);
        using var http = new HttpClient { BaseAddress = shop.BaseAddress };
        await http.PostAsJsonAsync("/simulator/faults", new { mode = "delay", delay_ms = 1500 }, TestContext.Current.CancellationToken);
        var browser = await shop.AtCheckoutAsync();
        await browser.PlaceOrderAsync();
        Assert.Contains("processed later", browser.Text, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("orders WHERE status = 'Placed'"));
        while (await shop.CountAsync("orders WHERE status = 'Paid'") == 0) await Task.Delay(50, TestContext.Current.CancellationToken);   // no worker runs here
        await browser.OpenAsync(browser.Uri.AbsolutePath);
        Assert.DoesNotContain("processed later", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_comes_when_the_shopper_has_left_is_mailed_and_one_on_the_page_is_not()
    {
        await using var shop = await Shop.StartAsync(database, settings: ["--Payments:ShopperWaits=00:00:00.300", "--Simulator:WebhookUrl=none"]);
        using var http = new HttpClient { BaseAddress = shop.BaseAddress };
        await http.PostAsJsonAsync("/simulator/faults", new { mode = "delay", delay_ms = 1500 }, TestContext.Current.CancellationToken);
        var browser = await shop.AtCheckoutAsync();
        await browser.PlaceOrderAsync(card: Buying.DeclinedCard);
        Assert.Contains("processed later", browser.Text, StringComparison.Ordinal);
        while (await shop.CountAsync("orders WHERE status = 'Cancelled'") == 0) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(1, await shop.CountAsync("outbox WHERE kind = 'notify' AND key LIKE 'order-cancelled:%'"));

        var quick = await _shop.AtCheckoutAsync();
        await quick.PlaceOrderAsync(card: Buying.DeclinedCard);
        Assert.Equal(1, await _shop.CountAsync("orders WHERE status = 'Cancelled'"));
        Assert.Equal(0, await _shop.CountAsync("outbox WHERE kind = 'notify'"));
    }

    [Fact]
    public async Task A_gateway_that_fails_delays_the_payment_and_the_worker_settles_it_when_it_is_back()
    {
        await using var shop = await Shop.StartAsync(database, worker: true);
        using var http = new HttpClient { BaseAddress = shop.BaseAddress };
        await http.PostAsJsonAsync("/simulator/faults", new { mode = "error500" }, TestContext.Current.CancellationToken);
        var browser = await shop.AtCheckoutAsync();
        await browser.PlaceOrderAsync();
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("processed later", browser.Text, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("orders WHERE status = 'PaymentPending'"));
        Assert.Equal(1, await shop.CountAsync("stock_items WHERE reserved = 1"));

        await http.DeleteAsync(new Uri("/simulator/faults", UriKind.Relative), TestContext.Current.CancellationToken);
        await shop.SqlAsync("UPDATE outbox SET due_at = now() WHERE kind = 'settle-payment'");
        while (await shop.CountAsync("orders WHERE status = 'Paid'") == 0) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(1, await shop.CountAsync("simulator.payment_intents"));
        Assert.Equal(0, await shop.CountAsync("stock_items WHERE reserved > 0"));
        await browser.OpenAsync(browser.Uri.AbsolutePath);
        Assert.DoesNotContain("processed later", browser.Text, StringComparison.Ordinal);
    }
}
