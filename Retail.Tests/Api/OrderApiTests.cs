using System.Net;
using System.Text.Json.Nodes;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Api;

public sealed class OrderApiTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;
    private ApiCaller _mara = null!;
    private Guid _radio;

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database);
        _mara = await ApiCaller.ForAsync(_shop, "mara@example.com");
        _radio = await ApiCaller.VariantAsync(_shop);
    }

    public async ValueTask DisposeAsync()
    {
        _mara.Dispose();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task An_order_is_accepted_at_once_and_settles_at_its_address()
    {
        var (answer, order) = await _mara.OrderAsync("first", ApiCaller.Order(_radio));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal($"/api/orders/{order!["id"]}", answer.Headers.Location!.ToString());
        Assert.Equal("placed", (string)order["status"]!);

        var settled = await SettledAsync(answer.Headers.Location!.ToString());
        Assert.Equal("paid", (string)settled["status"]!);
        Assert.Equal((decimal)order["total"]!["amount"]!, (decimal)settled["total"]!["amount"]!);
        Assert.Equal(1, await _shop.CountAsync("orders WHERE email = 'mara@example.com' AND status = 'Paid'"));
        var (_, list) = await _mara.SendAsync(HttpMethod.Get, "/api/orders?page=1");
        Assert.Equal((string)order["id"]!, (string)list!["items"]![0]!["id"]!);
    }

    [Fact]
    public async Task A_declined_card_cancels_the_order_and_says_why()
    {
        var stock = await _shop.AvailableAsync(ApiCaller.Radio);
        var (answer, _) = await _mara.OrderAsync("poor", ApiCaller.Order(_radio, card: "pm_card_chargeDeclinedInsufficientFunds"));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var settled = await SettledAsync(answer.Headers.Location!.ToString());
        Assert.Equal("cancelled", (string)settled["status"]!);
        Assert.Contains("insufficient funds", (string)settled["cancelReason"]!, StringComparison.Ordinal);
        Assert.Equal(stock, await _shop.AvailableAsync(ApiCaller.Radio));
    }

    [Fact]
    public async Task The_same_key_answers_the_same_order_and_another_body_is_refused()
    {
        var (_, first) = await _mara.OrderAsync("again", ApiCaller.Order(_radio));
        var (repeated, same) = await _mara.OrderAsync("again", ApiCaller.Order(_radio));
        Assert.Equal(HttpStatusCode.Accepted, repeated.StatusCode);
        Assert.Equal("true", repeated.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal((string)first!["id"]!, (string)same!["id"]!);

        var (reused, problem) = await _mara.OrderAsync("again", ApiCaller.Order(_radio, quantity: 2));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, reused.StatusCode);
        Assert.Equal("idempotency_key_reused", (string)problem!["code"]!);
        Assert.Equal(1, await _shop.CountAsync("orders"));
    }

    [Fact]
    public async Task Another_customers_key_and_order_are_as_if_they_were_not_there()
    {
        var (mine, order) = await _mara.OrderAsync("shared-key", ApiCaller.Order(_radio));
        using var ola = await ApiCaller.ForAsync(_shop, "ola@example.com");
        var (theirs, other) = await ola.OrderAsync("shared-key", ApiCaller.Order(_radio));
        Assert.Equal(HttpStatusCode.Accepted, theirs.StatusCode);
        Assert.NotEqual((string)order!["id"]!, (string)other!["id"]!);

        var (hidden, problem) = await ola.SendAsync(HttpMethod.Get, mine.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        Assert.Equal("unknown_order", (string)problem!["code"]!);
        var (_, list) = await ola.SendAsync(HttpMethod.Get, "/api/orders");
        Assert.Equal(1, (int)list!["total"]!);
    }

    [Fact]
    public async Task Who_is_not_signed_in_orders_nothing()
    {
        using var stranger = new ApiCaller(_shop);
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/api/orders"), (HttpMethod.Get, "/api/orders"), (HttpMethod.Get, $"/api/orders/{Guid.CreateVersion7()}") })
        {
            var (answer, problem) = await stranger.SendAsync(method, path, method == HttpMethod.Post ? ApiCaller.Order(_radio) : null, "k");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("sign_in_required", (string)problem!["code"]!);
        }
        stranger.Carry("no-token-of-ours");
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.OrderAsync("k", ApiCaller.Order(_radio))).Answer.StatusCode);
        Assert.Equal(0, await _shop.CountAsync("orders"));
    }

    [Fact]
    public async Task What_is_wrong_is_named_before_anything_is_ordered()
    {
        async Task Refused(HttpStatusCode status, string code, string? key, Action<JsonObject> spoil, string? field = null)
        {
            var order = ApiCaller.Order(_radio);
            spoil(order);
            var (answer, problem) = await _mara.SendAsync(HttpMethod.Post, "/api/orders", order, key);
            Assert.Equal((status, code), (answer.StatusCode, (string?)problem?["code"]));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            if (field is not null) Assert.Contains(problem!["errors"]!.AsObject(), e => string.Equals(e.Key, field, StringComparison.OrdinalIgnoreCase));
        }

        await Refused(HttpStatusCode.BadRequest, "idempotency_key_invalid", null, _ => { });
        await Refused(HttpStatusCode.BadRequest, "idempotency_key_invalid", new string('k', 101), _ => { });
        await Refused(HttpStatusCode.BadRequest, "invalid_input", "a", o => o.Remove("shippingAddress"), "shippingAddress");
        await Refused(HttpStatusCode.BadRequest, "invalid_input", "b", o => o["shippingAddress"]!["country"] = "XX", "shippingAddress.country");
        await Refused(HttpStatusCode.BadRequest, "invalid_input", "c", o => o["paymentMethod"]!["id"] = "4242424242424242", "paymentMethod.id");
        await Refused(HttpStatusCode.BadRequest, "invalid_input", "d", o => o["email"] = "nobody", "email");
        await Refused(HttpStatusCode.BadRequest, "invalid_input", "e", o => o["lines"] = "all");
        await Refused(HttpStatusCode.BadRequest, "no_lines", "f", o => o["lines"] = new JsonArray());
        await Refused(HttpStatusCode.BadRequest, "bad_quantity", "g", o => o["lines"]![0]!["quantity"] = 21);
        await Refused(HttpStatusCode.BadRequest, "too_many_lines", "h", o => o["lines"] = new JsonArray([.. Enumerable.Range(0, 51).Select(_ => new JsonObject { ["variantId"] = Guid.CreateVersion7() })]));
        await Refused(HttpStatusCode.NotFound, "unknown_variant", "i", o => o["lines"]![0]!["variantId"] = Guid.CreateVersion7());
        await Refused(HttpStatusCode.BadRequest, "unknown_shipping_method", "j", o => o["shippingMethod"] = "balloon");
        await Refused(HttpStatusCode.Conflict, "price_changed", "k", o => o["lines"]![0]!["expectedUnitPrice"] = 1);
        await Refused(HttpStatusCode.RequestEntityTooLarge, "too_large", "l", o => o["phone"] = new string('1', 70_000));
        Assert.Equal(0, await _shop.CountAsync("orders"));
    }

    [Fact]
    public async Task A_variant_can_be_named_by_its_SKU()
    {
        var order = ApiCaller.Order(_radio);
        order["lines"] = new JsonArray(new JsonObject { ["sku"] = (string)(await _shop.SqlAsync("SELECT sku FROM variants WHERE id = $1", _radio))!, ["quantity"] = 2 });
        Assert.Equal(HttpStatusCode.Accepted, (await _mara.OrderAsync("sku", order)).Answer.StatusCode);
        Assert.Equal(1, await _shop.CountAsync("order_lines WHERE quantity = 2 AND variant_id = $1", _radio));
    }

    private async Task<JsonNode> SettledAsync(string location)
    {
        for (var tries = 0; ; tries++)
        {
            var (answer, order) = await _mara.SendAsync(HttpMethod.Get, location);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            if ((bool)order!["settled"]!) return order;
            Assert.True(tries < 300, "The order was not settled promptly.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
