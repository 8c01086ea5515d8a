using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>Money goes back once, never more than came in; what is cancelled leaves nothing behind.</summary>
public sealed class RefundTests(TestDatabase database) : IAsyncLifetime
{
    private PaidShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await PaidShop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Of_two_refunds_of_everything_at_once_one_succeeds()
    {
        var order = await _shop.PaidAsync(units: 2);
        var all = (decimal)(await _shop.Shop.SqlAsync("SELECT total_amount FROM orders"))!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => AskAsync(new() { OrderId = order, Key = $"r{i}", Amount = all, Reason = "Sorry", By = "ada" })));
        Assert.Single(answers, a => a.Ok);
        Assert.All(answers.Where(a => !a.Ok), a => Assert.Equal("nothing_left", a.Error!.Code));
        Assert.Equal("Refunded", await _shop.StatusAsync(order));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task The_same_key_pays_back_once()
    {
        var order = await _shop.PaidAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await _shop.RefundAsync(order, "same", 2m)).Id));
        Assert.Single(ids.Distinct());
        Assert.Equal(1L, await _shop.CountAsync("simulator.refunds"));
        Assert.Equal("PartiallyRefunded", await _shop.StatusAsync(order));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task Units_of_a_line_go_back_with_their_price_and_into_stock()
    {
        var order = await _shop.PaidAsync(units: 3);
        var back = await AskAsync(new() { OrderId = order, Key = "a", Lines = [(1, 2)], Reason = "Too many", Restock = true, By = "ada" });
        Assert.Equal(20m, back.Value.Amount.Amount);
        Assert.Equal(PaidShop.Stock - 1, await _shop.Shop.SqlAsync("SELECT on_hand FROM stock_items WHERE variant_id = $1", _shop.Variant));
        var more = await AskAsync(new() { OrderId = order, Key = "b", Lines = [(1, 2)], Reason = "Too many", By = "ada" });
        Assert.Equal("too_many_units", more.Error!.Code);
        Assert.Equal("too_much", (await AskAsync(new() { OrderId = order, Key = "c", Amount = 1000m, Reason = "Sorry", By = "ada" })).Error!.Code);
        Assert.Equal("no_reason", (await AskAsync(new() { OrderId = order, Key = "d", Amount = 1m, Reason = " ", By = "ada" })).Error!.Code);
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_refund_that_the_gateway_does_not_answer_is_made_later_and_counts_at_once()
    {
        var order = await _shop.PaidAsync();
        await _shop.FailAsync(new { mode = "succeed_silently" });
        var refund = await _shop.RefundAsync(order, "a", 5m);
        Assert.Equal(RefundStatus.Pending, refund.Status);
        Assert.Equal("too_much", (await AskAsync(new() { OrderId = order, Key = "b", Amount = 1000m, Reason = "Sorry", By = "ada" })).Error!.Code);
        await _shop.RecoverAsync();
        await _shop.WorkAsync();
        await _shop.WorkAsync();
        Assert.Equal(1L, await _shop.CountAsync("simulator.refunds"));
        Assert.Equal(1L, await _shop.CountAsync("refunds WHERE status = 'Succeeded' AND gateway_id IS NOT NULL"));
        Assert.Equal("PartiallyRefunded", await _shop.StatusAsync(order));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_refund_that_stayed_unanswered_for_over_a_day_is_asked_after_and_made_once()
    {
        var order = await _shop.PaidAsync();
        await _shop.FailAsync(new { mode = "succeed_silently" });
        Assert.Equal(RefundStatus.Pending, (await _shop.RefundAsync(order, "made", 3m)).Status);
        await _shop.RecoverAsync();
        await _shop.FailAsync(new { mode = "cut" });
        Assert.Equal(RefundStatus.Pending, (await _shop.RefundAsync(order, "lost", 4m)).Status);
        // The gateway has forgotten both keys.
        await _shop.Shop.SqlAsync("UPDATE refunds SET created_at = created_at - interval '25 hours'");
        await _shop.Shop.SqlAsync("UPDATE simulator.idempotency SET created_at = created_at - interval '25 hours'");

        await _shop.WorkAsync();   // the gateway is still away: nothing may be sent on a guess
        Assert.Equal(1L, await _shop.CountAsync("simulator.refunds"));
        await _shop.RecoverAsync();
        await _shop.WorkAsync();
        Assert.Equal(2L, await _shop.CountAsync("refunds WHERE status = 'Succeeded' AND gateway_id IS NOT NULL"));
        Assert.Equal(2L, await _shop.CountAsync("simulator.refunds"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task Goods_of_a_refused_refund_go_back_once_also_when_the_order_is_cancelled()
    {
        var order = await _shop.PaidAsync(units: 4);
        // Somebody paid all of it back at the gateway by hand, and its news was lost: it refuses ours.
        await _shop.Shop.SqlAsync("INSERT INTO simulator.refunds SELECT 're_by_hand', id, amount, NULL, '{}', now() FROM simulator.payment_intents");
        var refused = await AskAsync(new() { OrderId = order, Key = "a", Lines = [(1, 3)], Reason = "Broken", Restock = true, By = "ada" });
        Assert.Equal(RefundStatus.Refused, refused.Value.Status);
        Assert.Equal(PaidShop.Stock - 1, await _shop.Shop.SqlAsync("SELECT on_hand FROM stock_items WHERE variant_id = $1", _shop.Variant));
        Assert.True((await CancelAsync(order)).Ok);
        Assert.Equal(PaidShop.Stock, await _shop.Shop.SqlAsync("SELECT on_hand FROM stock_items WHERE variant_id = $1", _shop.Variant));
        Assert.Empty(await OrderBooks.FaultsAsync(_shop.Shop.ConnectionString));
    }

    [Fact]
    public async Task Cancelling_a_paid_order_pays_all_back_and_fills_the_shelf()
    {
        var order = await _shop.PaidAsync(units: 4);
        await _shop.RefundAsync(order, "a", 1m);
        Assert.Equal(OrderStatus.Refunded, (await CancelAsync(order)).Value);
        Assert.Equal(OrderStatus.Refunded, (await CancelAsync(order)).Value);
        Assert.Equal(PaidShop.Stock, await _shop.Shop.SqlAsync("SELECT on_hand FROM stock_items WHERE variant_id = $1", _shop.Variant));
        Assert.Equal("Placed Paid PartiallyRefunded Cancelled Refunded", await _shop.Shop.SqlAsync("SELECT string_agg(to_status, ' ' ORDER BY id) FROM order_transitions"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task What_has_left_is_not_cancelled_not_even_after_a_refund_of_a_part()
    {
        var order = await _shop.PaidAsync();
        Assert.True((await ShipAsync(order)).Ok);
        Assert.Equal("has_left", (await CancelAsync(order)).Error!.Code);
        await _shop.RefundAsync(order, "a", 1m);
        Assert.Equal("PartiallyRefunded", await _shop.StatusAsync(order));
        Assert.Equal("has_left", (await CancelAsync(order)).Error!.Code);
        Assert.Equal("cannot_be_shipped", (await ShipAsync(order)).Error!.Code);
        Assert.Equal("cannot_be_shipped", (await ShipAsync(await _shop.PlaceAsync())).Error!.Code);
    }

    [Fact]
    public async Task An_order_that_waits_for_its_payment_is_not_given_up_while_the_gateway_is_silent()
    {
        var order = await _shop.PlaceAsync();
        await _shop.FailAsync(new { mode = "cut" });
        await _shop.ChargeAsync(order);
        Assert.Equal(Refusal.Unavailable, (await CancelAsync(order)).Error!.Refusal);
        await _shop.RecoverAsync();
        Assert.Equal(OrderStatus.Cancelled, (await CancelAsync(order)).Value);
        Assert.Equal(PaidShop.Stock, await _shop.Shop.SqlAsync("SELECT on_hand - reserved FROM stock_items WHERE variant_id = $1", _shop.Variant));
        Assert.True(await _shop.SettleLaterAsync(order, TimeSpan.FromMinutes(5)));
        Assert.Equal("Abandoned", await _shop.Shop.SqlAsync("SELECT status FROM payments"));
        Assert.Equal(0, await _shop.ChargesAsync());
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task Whoever_cancels_while_the_card_is_charged_has_the_money_back()
    {
        await _shop.FailAsync(new { mode = "delay", delay_ms = 150, share = 0.5 });
        var orders = new List<Guid>();
        for (var i = 0; i < 12; i++) orders.Add(await _shop.PlaceAsync());
        await Task.WhenAll(orders.SelectMany(order => new Task[] { _shop.ChargeAsync(order), CancelAsync(order) }));
        await _shop.RecoverAsync();
        await _shop.WorkAsync();
        foreach (var order in orders)
        {
            await _shop.SettleLaterAsync(order, TimeSpan.FromMinutes(5));
            var isPaid = await _shop.StatusAsync(order) == "Paid";
            if (!isPaid) Assert.True((await CancelAsync(order)).Ok);
        }
        await _shop.WorkAsync();
        Assert.Equal(0L, await _shop.CountAsync("orders WHERE status IN ('Placed', 'PaymentPending')"));
        Assert.Equal(0L, await _shop.CountAsync("orders o JOIN payments p ON p.order_id = o.id AND p.status = 'Captured' WHERE o.status = 'Cancelled'"));
        await _shop.AssertBalancedAsync();
    }

    private Task<ServiceResult<Refund>> AskAsync(RefundRequest request) => _shop.WithAsync<RefundService, ServiceResult<Refund>>(r => r.RefundAsync(request, CancellationToken.None));

    private Task<ServiceResult<OrderStatus>> CancelAsync(Guid order) =>
        _shop.WithAsync<OrderService, ServiceResult<OrderStatus>>(o => o.CancelAsync(order, "shopper", "Cancelled by the shopper", CancellationToken.None));

    private Task<ServiceResult> ShipAsync(Guid order) => _shop.WithAsync<OrderService, ServiceResult>(o => o.ShipAsync(order, "ada", "Post 123", CancellationToken.None));
}
