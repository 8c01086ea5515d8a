using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Retail.Core.Payments.Gateway;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Payments;

/// <summary>What the gateway tells unasked: believed when it is signed, counted once, in whatever order it comes.</summary>
public sealed class WebhookTests(TestDatabase database) : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private PaidShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await PaidShop.StartAsync(database);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _shop.DisposeAsync();
    }

    [Fact]
    public async Task The_webhook_alone_makes_an_order_paid()
    {
        await using var shop = await PaidShop.StartAsync(database, webhooks: true);
        var order = await shop.PlaceAsync();
        await shop.FailAsync(new { mode = "succeed_silently" });
        await shop.ChargeAsync(order);
        for (var i = 0; i < 100 && await shop.StatusAsync(order) != "Paid"; i++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal("Paid", await shop.StatusAsync(order));
        Assert.Equal(1L, await shop.CountAsync("payment_events WHERE type = 'payment_intent.succeeded'"));
        Assert.Equal(1L, await shop.CountAsync("order_transitions WHERE to_status = 'Paid' AND by = 'gateway'"));
        await shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task The_same_event_counts_once_and_old_news_changes_nothing()
    {
        var order = await _shop.PaidAsync();
        var intent = (string)(await _shop.Shop.SqlAsync("SELECT gateway_id FROM payments"))!;
        var failed = Event("evt_1", "payment_intent.payment_failed", Intent(order, intent, 0));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(failed));
        Assert.Equal("Paid", await _shop.StatusAsync(order));
        var refunded = Event("evt_2", "charge.refunded", new JsonObject { ["id"] = "ch_1", ["object"] = "charge", ["payment_intent"] = intent, ["amount_refunded"] = 100 });
        foreach (var status in await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SendAsync(refunded)))) Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(1L, await _shop.CountAsync("refunds WHERE amount_amount = 1.00 AND by = 'gateway' AND status = 'Succeeded'"));
        Assert.Equal("PartiallyRefunded", await _shop.StatusAsync(order));
        Assert.Equal(2L, await _shop.CountAsync("payment_events"));
    }

    [Fact]
    public async Task Failure_before_success_ends_with_the_money_on_its_way_back()
    {
        var order = await _shop.PlaceAsync();
        await _shop.FailAsync(new { mode = "succeed_silently" });
        await _shop.ChargeAsync(order);
        var intent = (string)(await _shop.Shop.SqlAsync("SELECT id FROM simulator.payment_intents"))!;
        await SendAsync(Event("evt_1", "payment_intent.payment_failed", Intent(order, intent, 0)));
        Assert.Equal("Cancelled", await _shop.StatusAsync(order));
        var cents = (long)(await _shop.Shop.SqlAsync("SELECT amount FROM simulator.payment_intents"))!;
        await SendAsync(Event("evt_2", "payment_intent.succeeded", Intent(order, intent, cents)));
        await SendAsync(Event("evt_3", "payment_intent.succeeded", Intent(order, intent, cents)));
        await _shop.RecoverAsync();
        await _shop.WorkAsync();
        Assert.Equal("Refunded", await _shop.StatusAsync(order));
        Assert.Equal(1L, await _shop.CountAsync("refunds"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task Forged_expired_and_garbled_news_changes_nothing()
    {
        var order = await _shop.PlaceAsync();
        var body = Event("evt_1", "payment_intent.succeeded", Intent(order, "pi_x", 1690));
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(body, signature: ""));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(body, WebhookSignature.Sign(body, "whsec_other", now)));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(body, WebhookSignature.Sign(body, PaymentsOptions.SimulatorWebhookSecret, now.AddSeconds(-310))));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync([.. body, (byte)' '], WebhookSignature.Sign(body, PaymentsOptions.SimulatorWebhookSecret, now)));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(body, "t=99999999999999999999,v1=x,v1=,,="));
        foreach (var garbled in new[] { "", "{", "[]", "{\"id\":1}", "{\"id\":\"e\",\"type\":\"x\",\"created\":-1,\"data\":{\"object\":{}}}" })
            Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(Encoding.UTF8.GetBytes(garbled)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await SendAsync(new byte[70_000]));
        Assert.Equal("Placed", await _shop.StatusAsync(order));
        Assert.Equal(0L, await _shop.CountAsync("payment_events"));
    }

    [Fact]
    public async Task News_of_another_amount_or_of_somebody_elses_order_is_noted_and_no_more()
    {
        var order = await _shop.PlaceAsync();
        Assert.Equal(HttpStatusCode.OK, await SendAsync(Event("evt_1", "payment_intent.succeeded", Intent(order, "pi_x", 1))));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(Event("evt_2", "payment_intent.succeeded", Intent(Guid.CreateVersion7(), "pi_y", 1))));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(Event("evt_3", "customer.created", new JsonObject { ["id"] = "cus_1" })));
        Assert.Equal("Placed", await _shop.StatusAsync(order));
        Assert.Equal(3L, await _shop.CountAsync("payment_events"));
    }

    [Fact]
    public void While_the_secret_is_changed_one_of_two_signatures_is_enough()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var body = "{}"u8;
        var (old, young) = (WebhookSignature.Sign(body, "whsec_old", now), WebhookSignature.Sign(body, "whsec_new", now));
        var both = $"{old},{young[(young.IndexOf(',', StringComparison.Ordinal) + 1)..]}";
        Assert.Null(WebhookSignature.WhyForged(both, body, "whsec_new", now.AddSeconds(300)));
        Assert.Null(WebhookSignature.WhyForged(both, body, "whsec_old", now.AddSeconds(-300)));
        Assert.NotNull(WebhookSignature.WhyForged(both, body, "whsec_old", now.AddSeconds(301)));
        Assert.NotNull(WebhookSignature.WhyForged(both, body, "whsec_third", now));
    }

    private static JsonObject Intent(Guid order, string id, long received) => new()
    {
        ["id"] = id,
        ["object"] = "payment_intent",
        ["amount_received"] = received,
        ["metadata"] = new JsonObject { ["order_id"] = order.ToString() },
    };

    private static byte[] Event(string id, string type, JsonObject about) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["id"] = id,
        ["object"] = "event",
        ["type"] = type,
        ["created"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        ["data"] = new JsonObject { ["object"] = about.DeepClone() },
    }.ToJsonString());

    private async Task<HttpStatusCode> SendAsync(byte[] body, string? signature = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.Shop.BaseAddress, "/payments/webhook")) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation(WebhookSignature.Header, signature ?? WebhookSignature.Sign(body, PaymentsOptions.SimulatorWebhookSecret, TimeProvider.System.GetUtcNow()));
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
