using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>The one admission: what it promises when everybody comes at once.</summary>
public sealed class AdmissionTests(TestDatabase database) : IAsyncLifetime
{
    private CoreHost _store = null!;

    public async ValueTask InitializeAsync() => _store = await CoreHost.StartAsync(database);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory, InlineData(1), InlineData(50)]
    public async Task Two_hundred_buyers_get_exactly_what_is_there(int stock)
    {
        var variant = await _store.HasProductAsync("Lamp", stock);
        await using var twin = await _store.StartTwinAsync();
        var answers = await Rush.BuyAsync([_store, twin], variant, 200);

        Assert.Equal(stock, answers.Count(a => a.Ok));
        Assert.All(answers.Where(a => !a.Ok), a => Assert.Equal("sold_out", a.Error!.Code));
        Assert.Equal(stock, await _store.QueryAsync<long>("SELECT count(*) FROM orders"));
        Assert.Equal(0, await _store.QueryAsync<int>("SELECT on_hand - reserved FROM stock_items WHERE variant_id = (SELECT id FROM variants WHERE sku = 'T-lamp')"));
        Assert.Empty(await OrderBooks.FaultsAsync(_store.ConnectionString));
    }

    [Fact]
    public async Task Carts_in_opposite_order_never_lock_each_other_out()
    {
        var a = await _store.HasProductAsync("Left shoe", 1000);
        var b = await _store.HasProductAsync("Right shoe", 1000);
        await using var twin = await _store.StartTwinAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => i % 2 == 0
            ? _store.Intake.PlaceAsync(Order($"k{i}", (a, 1), (b, 2)), CancellationToken.None)
            : twin.Intake.PlaceAsync(Order($"k{i}", (b, 2), (a, 1)), CancellationToken.None)));

        Assert.All(answers, answer => Assert.True(answer.Ok));
        Assert.Empty(await OrderBooks.FaultsAsync(_store.ConnectionString));
    }

    [Fact]
    public async Task All_lines_of_an_order_or_none()
    {
        var plenty = await _store.HasProductAsync("Plenty", 10);
        var rare = await _store.HasProductAsync("Rare", 1);
        var refused = await _store.Intake.PlaceAsync(Order("k", (plenty, 3), (rare, 2)), CancellationToken.None);

        Assert.Equal("sold_out", refused.Error!.Code);
        Assert.Contains("Only 1 of", refused.Error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await _store.QueryAsync<long>("SELECT sum(reserved) FROM stock_items"));
    }

    [Fact]
    public async Task The_same_key_is_the_same_order_on_every_node_at_once()
    {
        var variant = await _store.HasProductAsync("Mug", 100);
        await using var twin = await _store.StartTwinAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? _store : twin).Intake.PlaceAsync(Order("same", (variant, 2)), CancellationToken.None)));

        Assert.Single(answers.Select(a => a.Value.Id).Distinct());
        Assert.Single(answers, a => !a.Value.Replayed);
        Assert.Equal(2, await _store.QueryAsync<int>("SELECT sum(reserved)::int FROM stock_items"));
        var other = await _store.Intake.PlaceAsync(Order("same", (variant, 3)), CancellationToken.None);
        Assert.Equal("idempotency_key_reused", other.Error!.Code);
    }

    [Fact]
    public async Task One_key_with_other_goods_on_each_node_at_once_is_one_order()
    {
        Guid[] goods = [await _store.HasProductAsync("Left", 100), await _store.HasProductAsync("Right", 100)];
        await using var twin = await _store.StartTwinAsync();
        var answers = await Rush.ReuseKeysAsync([_store, twin], goods, 30);

        Assert.All(answers, pair => Assert.Equal("idempotency_key_reused", Assert.Single(pair, a => !a.Ok).Error!.Code));
        Assert.Empty(await OrderBooks.FaultsAsync(_store.ConnectionString));
    }

    [Fact]
    public async Task The_price_that_counts_is_the_one_inside_the_lock()
    {
        var variant = await _store.HasProductAsync("Chair", 10, price: 80m);
        var order = Order("k", (variant, 1));
        var stale = order with { Lines = [order.Lines[0] with { ExpectedUnitPrice = 79m }] };

        Assert.Equal("price_changed", (await _store.Intake.PlaceAsync(stale, CancellationToken.None)).Error!.Code);
        var accepted = await _store.Intake.PlaceAsync(order, CancellationToken.None);
        Assert.Equal(new Money(80m, "USD"), accepted.Value.Total);   // free shipping from 60
    }

    [Fact]
    public async Task What_cannot_be_sold_is_refused_with_a_stable_code()
    {
        var variant = await _store.HasProductAsync("Vase", 10);
        async Task<string> CodeOf(OrderRequest order) => (await _store.Intake.PlaceAsync(order, CancellationToken.None)).Error!.Code;

        Assert.Equal("unknown_variant", await CodeOf(Order("a", (Guid.CreateVersion7(), 1))));
        Assert.Equal("bad_quantity", await CodeOf(Order("b", (variant, 21))));
        Assert.Equal("no_lines", await CodeOf(Order("c")));
        Assert.Equal("unknown_shipping_method", await CodeOf(Order("d", (variant, 1)) with { ShippingMethod = "balloon" }));
    }

    internal static OrderRequest Order(string key, params (Guid Variant, int Quantity)[] lines) => new()
    {
        IdempotencyKey = key,
        Email = $"{key}@example.com",
        ShippingAddress = new Address { Name = "Ada Buyer", Line1 = "1 Mill Lane", City = "Ely", Postcode = "CB7", Country = "GB" },
        ShippingMethod = "standard",
        PaymentMethod = new("pm_card_visa", "visa", "4242"),
        Lines = [.. lines.Select(l => new OrderRequestLine(l.Variant, l.Quantity))],
    };
}
