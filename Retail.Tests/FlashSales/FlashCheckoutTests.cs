using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.FlashSales;

/// <summary>Buying one flash item straight away, over HTTP.</summary>
public sealed class FlashCheckoutTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_program_gets_202_with_its_order_and_the_same_order_for_the_same_key()
    {
        await _shop.HasSaleAsync("Lamp", quantity: 3);
        var buyer = await _shop.OpenAsync("/");
        var first = await SendAsync(buyer, FlashShop.Order("F-LAMP", "k1"));
        var again = await SendAsync(buyer, FlashShop.Order("F-LAMP", "k1"));

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        var id = first.Body.GetProperty("id").GetGuid();
        Assert.Equal($"/api/orders/{id}", first.Location);
        Assert.Equal(29.90m, first.Body.GetProperty("total").GetDecimal());
        Assert.Equal(id, again.Body.GetProperty("id").GetGuid());
        Assert.Equal(1, await _shop.SqlAsync("SELECT sold FROM flash_sales"));
        Assert.Equal("idempotency_key_reused", await CodeAsync(buyer, FlashShop.Order("F-LAMP", "k1", quantity: 2)));
    }

    [Fact]
    public async Task What_is_wrong_is_told_with_a_stable_code()
    {
        await _shop.HasSaleAsync("Mug", quantity: 3, limit: 2);
        await _shop.HasSaleAsync("Later", quantity: 3, startsIn: TimeSpan.FromHours(1));
        var buyer = await _shop.OpenAsync("/");
        using var noKey = FlashShop.Order("F-MUG", "k");
        noKey.Headers.Remove("X-Idempotency-Key");

        Assert.Equal("missing_idempotency_key", await CodeAsync(buyer, noKey));
        Assert.Equal("no_flash_sale", await CodeAsync(buyer, FlashShop.Order("NOTHING", "a")));
        Assert.Equal("flash_not_started", await CodeAsync(buyer, FlashShop.Order("F-LATER", "b")));
        Assert.Equal("limit_per_customer", await CodeAsync(buyer, FlashShop.Order("F-MUG", "c", quantity: 3)));
        Assert.Equal("flash_sold_out", await CodeAsync(buyer, FlashShop.Order("F-MUG", "d", quantity: 4)));
        Assert.Equal("invalid_details", await CodeAsync(buyer, FlashShop.Order("F-MUG", "e", email: "nobody")));
    }

    [Fact]
    public async Task The_sixth_attempt_in_a_minute_is_throttled_for_programs_and_people()
    {
        await _shop.HasSaleAsync("Bowl", quantity: 30);
        var buyer = await _shop.OpenAsync("/");
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(buyer, FlashShop.Order("F-BOWL", $"t{i}"))).Status);
        var sixth = await SendAsync(buyer, FlashShop.Order("F-BOWL", "t6"));

        Assert.Equal(HttpStatusCode.TooManyRequests, sixth.Status);
        Assert.InRange(sixth.RetryAfter, 1, 60);
        Assert.Equal("too_many_attempts", sixth.Body.GetProperty("code").GetString());
        await buyer.OpenAsync("/products/bowl");
        await buyer.SubmitAsync("Buy now");
        Assert.Equal(HttpStatusCode.TooManyRequests, buyer.Status);
        Assert.Contains("tried too often", buyer.Text, StringComparison.Ordinal);
        Assert.NotNull(buyer.Answer!.Headers.RetryAfter);
        for (var wait = 0; wait < 60 && await RowsAsync() < 2; wait++) await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(2L, await RowsAsync());

        async Task<long> RowsAsync() => (long)(await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'throttled_requests' AND metadata->>'limit' = 'flash_user'"))!;
    }

    [Fact]
    public async Task A_guest_is_counted_by_address_whatever_cookies_he_makes_up()
    {
        await _shop.HasSaleAsync("Dish", quantity: 30);
        for (var i = 0; i < 6; i++)
        {
            var buyer = await _shop.OpenAsync("/health");
            buyer.Cookies.Add(_shop.BaseAddress, new Cookie("retail-cart", $"{i:x32}.1"));
            Assert.Equal(i < 5 ? HttpStatusCode.Accepted : HttpStatusCode.TooManyRequests, (await SendAsync(buyer, FlashShop.Order("F-DISH", $"c{i}", email: $"c{i}@example.com"))).Status);
        }
        // A shopper behind a proxy on this machine is another one.
        using var elsewhere = FlashShop.Order("F-DISH", "elsewhere", email: "elsewhere@example.com");
        elsewhere.Headers.Add("X-Forwarded-For", "203.0.113.7");
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(await _shop.OpenAsync("/health"), elsewhere)).Status);
    }

    [Theory, InlineData("198.51.100.9", "198.51.100.9"), InlineData("10.20.30.40", "203.0.113.7"), InlineData("127.0.0.1", "203.0.113.7")]
    public async Task A_forwarded_address_is_believed_from_known_proxies_alone(string from, string seen)
    {
        await using var shop = await Shop.StartAsync(database, worker: false, "--KnownProxies:0=10.20.30.40");
        IPAddress? address = null;
        var middleware = new ForwardedHeadersMiddleware(context =>
        {
            address = context.Connection.RemoteIpAddress;
            return Task.CompletedTask;
        }, NullLoggerFactory.Instance, shop.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>());
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(from) } };
        context.Request.Headers["X-Forwarded-For"] = "203.0.113.7";
        await middleware.Invoke(context);
        Assert.Equal(IPAddress.Parse(seen), address);
    }

    [Fact]
    public async Task Two_guests_may_choose_the_same_key()
    {
        await _shop.HasSaleAsync("Pan", quantity: 30);
        var first = await SendAsync(await _shop.OpenAsync("/health"), FlashShop.Order("F-PAN", "mine", email: "ada@example.com"));
        var second = await SendAsync(await _shop.OpenAsync("/health"), FlashShop.Order("F-PAN", "mine", email: "bob@example.com"));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.Status, second.Status));
        Assert.NotEqual(first.Body.GetProperty("id").GetGuid(), second.Body.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Who_got_the_last_unit_hears_of_it_at_another_node_and_after_the_end_too()
    {
        var sale = await _shop.HasSaleAsync("Jug", quantity: 1);
        await using var twin = await _shop.StartTwinAsync();
        var order = (await SendAsync(await _shop.OpenAsync("/health"), FlashShop.Order("F-JUG", "last"))).Body.GetProperty("id").GetGuid();
        var elsewhere = await twin.OpenAsync("/health");
        await UntilAsync(async () => await CodeAsync(elsewhere, FlashShop.Order("F-JUG", "late", email: "bob@example.com")) == "flash_sold_out");

        var again = await SendAsync(elsewhere, FlashShop.Order("F-JUG", "last"));
        Assert.Equal((HttpStatusCode.Accepted, order), (again.Status, again.Body.GetProperty("id").GetGuid()));
        await _shop.SqlAsync("UPDATE flash_sales SET ends_at = now() WHERE id = $1", sale);
        await UntilAsync(async () => await CodeAsync(elsewhere, FlashShop.Order("F-JUG", "later", email: "cy@example.com")) == "no_flash_sale");
        again = await SendAsync(elsewhere, FlashShop.Order("F-JUG", "last"));
        Assert.Equal((HttpStatusCode.Accepted, order), (again.Status, again.Body.GetProperty("id").GetGuid()));
        Assert.Equal(1L, await _shop.SqlAsync("SELECT count(*) FROM orders"));
    }

    [Fact]
    public async Task Sold_out_is_said_without_a_query_and_freed_units_are_heard_of()
    {
        var sale = await _shop.HasSaleAsync("Vase", quantity: 1);
        var buyer = await _shop.OpenAsync("/");
        var own = new NpgsqlConnectionStringBuilder(_shop.ConnectionString).Database!;
        var queries = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                // What the store asks of its orders and goods; not its metrics, nor the listener's sign of life.
                var text = activity.TagObjects.FirstOrDefault(t => t.Key is "db.query.text" or "db.statement").Value as string ?? "";
                if (activity.TagObjects.Any(t => t.Value as string == own) && (text.Contains("orders", StringComparison.Ordinal) || text.Contains("flash_sales", StringComparison.Ordinal)
                    || text.Contains("cart", StringComparison.Ordinal) || text.Contains("variants", StringComparison.Ordinal))) queries.Add(text);
            },
        };
        ActivitySource.AddActivityListener(listener);

        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(buyer, FlashShop.Order("F-VASE", "last"))).Status);
        Assert.NotEmpty(queries);   // the listener sees what there is to see
        await Task.Delay(300, TestContext.Current.CancellationToken);   // the notices of that sale
        queries.Clear();
        Assert.Equal("flash_sold_out", await CodeAsync(await _shop.OpenAsync("/health"), FlashShop.Order("F-VASE", "late", email: "bob@example.com")));
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(buyer, FlashShop.Order("F-VASE", "last"))).Status);   // his own order, once more
        Assert.Empty(queries);

        await _shop.SqlAsync("UPDATE flash_sales SET sold = 0 WHERE id = $1", sale);
        for (var wait = 0; wait < 50; wait++)
        {
            if ((await SendAsync(buyer, FlashShop.Order("F-VASE", "freed", email: "cy@example.com"))).Status == HttpStatusCode.Accepted) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Fail("The freed unit was not heard of.");
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        for (var tries = 0; !await reached(); tries++)
        {
            Assert.True(tries < 100);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string?> CodeAsync(Browser buyer, HttpRequestMessage request) => (await SendAsync(buyer, request)).Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    private static async Task<(HttpStatusCode Status, JsonElement Body, string? Location, int RetryAfter)> SendAsync(Browser buyer, HttpRequestMessage request)
    {
        using var answer = await buyer.SendAsideAsync(request);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(text.StartsWith('{'), string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {text}"));
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(text), answer.Headers.Location?.ToString(), (int?)answer.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0);
    }
}
