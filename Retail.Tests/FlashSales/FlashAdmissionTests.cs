using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Inventory;
using Retail.Core.Orders;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.FlashSales;

/// <summary>What a flash sale promises inside the admission's lock.</summary>
public sealed class FlashAdmissionTests(TestDatabase database) : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private CoreHost _store = null!;

    public async ValueTask InitializeAsync() => _store = await CoreHost.StartAsync(database, _clock);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Five_hundred_buyers_on_two_nodes_get_exactly_the_set_aside_at_the_flash_price()
    {
        var variant = await _store.HasProductAsync("Lamp", stock: 1000, price: 40m);
        await HasSaleAsync("T-lamp", price: 25m, quantity: 120);
        await using var twin = await _store.StartTwinAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(i =>
            (i % 2 == 0 ? _store : twin).Intake.PlaceAsync(Expecting(25m, $"buyer-{i}", variant, 1), CancellationToken.None)));

        Assert.Equal(120, answers.Count(a => a.Ok));
        Assert.All(answers.Where(a => !a.Ok), a => Assert.Equal("flash_sold_out", a.Error!.Code));
        Assert.Equal(120L, await _store.QueryAsync<long>("SELECT count(*) FROM order_lines WHERE unit_price_amount = 25 AND flash_sale_id IS NOT NULL"));
        Assert.Equal(120, await _store.QueryAsync<int>("SELECT sold FROM flash_sales"));
        Assert.Equal(0L, await DifferencesAsync());
    }

    [Fact]
    public async Task Who_names_no_price_pays_the_normal_one_when_the_set_aside_is_gone()
    {
        var variant = await _store.HasProductAsync("Bowl", stock: 10, price: 40m);
        await HasSaleAsync("T-bowl", price: 25m, quantity: 1);
        var first = await _store.Intake.PlaceAsync(AdmissionTests.Order("first", (variant, 1)), CancellationToken.None);
        var second = await _store.Intake.PlaceAsync(AdmissionTests.Order("second", (variant, 1)), CancellationToken.None);

        Assert.Equal(new Money(25m + 4.90m, "USD"), first.Value.Total);
        Assert.Equal(new Money(40m + 4.90m, "USD"), second.Value.Total);
    }

    [Fact]
    public async Task Twenty_orders_at_once_give_one_customer_no_more_than_the_limit()
    {
        var variant = await _store.HasProductAsync("Kettle", stock: 100, price: 40m);
        await HasSaleAsync("T-kettle", price: 25m, quantity: 50, limit: 2);
        await using var twin = await _store.StartTwinAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? _store : twin).Intake.PlaceAsync(AdmissionTests.Order($"k{i}", (variant, 1)) with { Email = i % 3 == 0 ? "Ada@Example.com" : "ada@example.com" }, CancellationToken.None)));

        Assert.Equal(2, answers.Count(a => a.Ok));
        Assert.All(answers.Where(a => !a.Ok), a => Assert.Equal("limit_per_customer", a.Error!.Code));
        Assert.Contains("as one customer gets at the flash price: 2", answers.First(a => !a.Ok).Error!.Message, StringComparison.Ordinal);
        var tooMany = await _store.Intake.PlaceAsync(AdmissionTests.Order("other", (variant, 3)), CancellationToken.None);
        Assert.Contains("Lower the quantity to 2", tooMany.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(2, await _store.QueryAsync<int>("SELECT sold FROM flash_sales"));
    }

    [Fact]
    public async Task The_price_changes_at_the_start_and_at_the_end_by_the_clock_alone()
    {
        var variant = await _store.HasProductAsync("Chair", stock: 10, price: 40m);
        await HasSaleAsync("T-chair", price: 25m, quantity: 5, startsIn: TimeSpan.FromMinutes(10));
        async Task<string> AskAsync(string key, decimal expected) =>
            await _store.Intake.PlaceAsync(Expecting(expected, key, variant, 1), CancellationToken.None) is { Error: { } error } ? $"{error.Code}: {error.Message}" : "accepted";

        Assert.StartsWith("price_changed", await AskAsync("a", 25m), StringComparison.Ordinal);
        Assert.Equal("accepted", await AskAsync("b", 40m));
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.StartsWith("price_changed", await AskAsync("c", 40m), StringComparison.Ordinal);
        Assert.Equal("accepted", await AskAsync("d", 25m));
        _clock.Advance(TimeSpan.FromMinutes(60));
        var late = await AskAsync("e", 25m);
        Assert.StartsWith("price_changed", late, StringComparison.Ordinal);
        Assert.Contains("has ended", late, StringComparison.Ordinal);
        Assert.Equal("accepted", await AskAsync("f", 40m));
    }

    [Fact]
    public async Task A_cancelled_order_gives_its_units_back_to_the_sale_and_to_the_customer()
    {
        var variant = await _store.HasProductAsync("Vase", stock: 10, price: 40m);
        await HasSaleAsync("T-vase", price: 25m, quantity: 2, limit: 2);
        var order = await _store.Intake.PlaceAsync(Expecting(25m, "ada", variant, 2), CancellationToken.None);
        Assert.Equal("flash_sold_out", (await _store.Intake.PlaceAsync(Expecting(25m, "bob", variant, 1), CancellationToken.None)).Error!.Code);
        await CancelAsync(order.Value.Id);

        Assert.Equal(0, await _store.QueryAsync<int>("SELECT sold FROM flash_sales"));
        Assert.True((await _store.Intake.PlaceAsync(Expecting(25m, "again", variant, 2) with { Email = "ada@example.com" }, CancellationToken.None)).Ok);
    }

    [Fact]
    public async Task Sales_of_one_variant_do_not_overlap_and_sell_no_more_than_they_have()
    {
        await _store.HasProductAsync("Mug", stock: 10, price: 40m);
        await HasSaleAsync("T-mug", price: 25m, quantity: 5);
        var overlapping = await SaveAsync("T-mug", 20m, 5, 1, TimeSpan.FromMinutes(30));
        Assert.Equal("sale_overlaps", overlapping.Error!.Code);
        Assert.True((await SaveAsync("T-mug", 20m, 5, 1, TimeSpan.FromMinutes(60))).Ok);

        var failure = await Assert.ThrowsAsync<PostgresException>(() => _store.QueryAsync<object>("UPDATE flash_sales SET sold = quantity + 1 RETURNING 1"));
        Assert.Equal("ck_flash_sales_sold", failure.ConstraintName);
    }

    private static OrderRequest Expecting(decimal price, string key, Guid variant, int quantity)
    {
        var order = AdmissionTests.Order(key, (variant, quantity));
        return order with { Lines = [order.Lines[0] with { ExpectedUnitPrice = price }] };
    }

    private async Task HasSaleAsync(string sku, decimal price, int quantity, int limit = 10, TimeSpan startsIn = default) =>
        Assert.Null((await SaveAsync(sku, price, quantity, limit, startsIn)).Error);

    private async Task<ServiceResult<Guid>> SaveAsync(string sku, decimal price, int quantity, int limit, TimeSpan startsIn)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        var start = _clock.GetUtcNow().AddSeconds(-1) + startsIn;
        return await scope.ServiceProvider.GetRequiredService<FlashSaleService>().SaveAsync(new FlashSaleDraft
        {
            Sku = sku, Price = price, Quantity = quantity, LimitPerCustomer = limit, StartsAt = start, EndsAt = start.AddHours(1).AddSeconds(-30),
        }, CancellationToken.None);
    }

    private async Task CancelAsync(Guid orderId)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        (await db.Orders.SingleAsync(o => o.Id == orderId)).Cancel("shopper", "Changed my mind", _clock.GetUtcNow());
        await scope.ServiceProvider.GetRequiredService<InventoryService>().ReleaseAsync(orderId, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    // The ledger against the stock, order lines against both, and the sale against its lines.
    private Task<long> DifferencesAsync() => _store.QueryAsync<long>("""
        SELECT count(*) FROM stock_items s
        LEFT JOIN (SELECT variant_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved FROM stock_movements GROUP BY 1) m USING (variant_id)
        LEFT JOIN (SELECT variant_id, sum(quantity) AS units, sum(quantity) FILTER (WHERE flash_sale_id IS NOT NULL) AS flash FROM order_lines GROUP BY 1) l USING (variant_id)
        LEFT JOIN (SELECT variant_id, sum(sold) AS sold FROM flash_sales GROUP BY 1) f USING (variant_id)
        WHERE s.on_hand <> m.on_hand OR s.reserved <> m.reserved OR s.reserved <> coalesce(l.units, 0) OR coalesce(f.sold, 0) <> coalesce(l.flash, 0)
        """);
}
