using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>An order's money is asked for until it is known what became of it, and taken once.</summary>
public sealed class SettlementTests(TestDatabase database) : IAsyncLifetime
{
    private PaidShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await PaidShop.StartAsync(database, patient: false);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory, InlineData("hang", 1.0), InlineData("error500", 1.0), InlineData("cut", 1.0), InlineData("succeed_silently", 1.0), InlineData("error500", 0.5)]
    public async Task An_outage_loses_no_order_and_charges_none_twice(string mode, double share)
    {
        await _shop.FailAsync(new { mode, share });
        var orders = new List<Guid>();
        for (var i = 0; i < 8; i++) orders.Add(await _shop.PlaceAsync());
        foreach (var order in orders) Assert.True(await _shop.ChargeAsync(order) is OrderStatus.PaymentPending or OrderStatus.Paid);
        await _shop.WorkAsync();
        await _shop.RecoverAsync();
        await _shop.WorkAsync();
        foreach (var order in orders) Assert.Equal("Paid", await _shop.StatusAsync(order));
        Assert.Equal(8, await _shop.ChargesAsync());
        Assert.Equal(0L, await _shop.CountAsync("outbox WHERE kind = 'settle-payment' AND status <> 'Done'"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task With_the_circuit_open_a_checkout_is_answered_at_once_and_the_attempt_says_why()
    {
        await _shop.FailAsync(new { mode = "error500" });
        for (var i = 0; i < 3; i++) await _shop.ChargeAsync(await _shop.PlaceAsync());
        var order = await _shop.PlaceAsync();
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(OrderStatus.PaymentPending, await _shop.ChargeAsync(order));
        Assert.True(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds < 500);
        Assert.Equal("Open", await _shop.Shop.SqlAsync("SELECT circuit FROM payments WHERE order_id = $1 AND code = 'circuit_open'", order));
        Assert.Equal(1L, await _shop.CountAsync($"outbox WHERE kind = 'notify' AND key = 'payment-delayed:{order}'"));
        await _shop.Shop.StopAsync();   // writes the last metric rows
        Assert.True(await _shop.CountAsync("metric WHERE type = 'circuit_breaker_state' AND value = 2 AND metadata ->> 'to' = 'OPEN'") > 0);
        Assert.True(await _shop.CountAsync("metric WHERE type = 'payment_fast_fail_ms' AND value < 100") > 0);
    }

    [Fact]
    public async Task Every_attempt_is_a_row_and_repeats_the_first_ones_key()
    {
        var order = await _shop.PlaceAsync();
        await _shop.FailAsync(new { mode = "cut", calls = 3 });
        Assert.Equal(OrderStatus.PaymentPending, await _shop.ChargeAsync(order));
        Assert.True(await _shop.SettleAsync(order));
        Assert.Equal(2L, await _shop.CountAsync("payments"));
        Assert.Equal(1L, await _shop.CountAsync("payments p JOIN payments first ON first.id = p.repeats WHERE p.status = 'Captured' AND first.status = 'Unknown'"));
        Assert.True(await _shop.SettleAsync(order));
        Assert.Equal(OrderStatus.Paid, await _shop.ChargeAsync(order));
        Assert.Equal(2L, await _shop.CountAsync("payments"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task What_was_charged_in_silence_is_found_by_asking()
    {
        var order = await _shop.PlaceAsync();
        await _shop.FailAsync(new { mode = "succeed_silently" });
        Assert.Equal(OrderStatus.PaymentPending, await _shop.ChargeAsync(order));
        Assert.True(await _shop.SettleAsync(order));   // questions are answered, charges are not
        Assert.Equal("Paid", await _shop.StatusAsync(order));
        Assert.Equal(1L, await _shop.CountAsync("payments"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task Past_the_deadline_the_order_is_cancelled_once_the_gateway_knows_of_no_charge()
    {
        var order = await _shop.PlaceAsync(units: 3);
        await _shop.FailAsync(new { mode = "hang" });
        await _shop.ChargeAsync(order);
        // While the gateway is away nothing is given up, however late it is.
        Assert.False(await _shop.SettleLaterAsync(order, TimeSpan.FromHours(2)));
        Assert.Equal("PaymentPending", await _shop.StatusAsync(order));
        await _shop.RecoverAsync();
        Assert.False(await _shop.SettleLaterAsync(order, TimeSpan.FromMinutes(31)));   // its search may lag
        Assert.True(await _shop.SettleLaterAsync(order, TimeSpan.FromMinutes(33)));
        Assert.Equal("Cancelled", await _shop.StatusAsync(order));
        Assert.Equal(PaidShop.Stock, await _shop.Shop.SqlAsync("SELECT on_hand - reserved FROM stock_items WHERE variant_id = $1", _shop.Variant));
        Assert.Contains("no answer in time", (string)(await _shop.Shop.SqlAsync("SELECT cancel_reason FROM orders"))!, StringComparison.Ordinal);
        Assert.Equal(1L, await _shop.CountAsync($"outbox WHERE kind = 'notify' AND key = 'order-cancelled:{order}'"));
        Assert.Equal(0, await _shop.ChargesAsync());
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task Past_the_deadline_a_captured_payment_still_makes_the_order_paid()
    {
        var order = await _shop.PlaceAsync();
        await _shop.FailAsync(new { mode = "succeed_silently" });
        await _shop.ChargeAsync(order);
        await _shop.RecoverAsync();
        Assert.True(await _shop.SettleLaterAsync(order, TimeSpan.FromHours(3)));
        Assert.Equal("Paid", await _shop.StatusAsync(order));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task An_order_that_lost_its_promise_is_found_again()
    {
        var order = await _shop.PlaceAsync();
        await _shop.Shop.SqlAsync("DELETE FROM outbox");
        await _shop.Shop.SqlAsync("UPDATE orders SET placed_at = placed_at - interval '2 minutes'");
        var sweep = ActivatorUtilities.CreateInstance<SettlementSweep>(_shop.Shop.Services);
        Assert.Equal(1, await sweep.RunOnceAsync(CancellationToken.None));
        Assert.Equal(0, await sweep.RunOnceAsync(CancellationToken.None));
        await _shop.WorkAsync();
        Assert.Equal("Paid", await _shop.StatusAsync(order));
    }

    [Fact]
    public async Task Many_who_settle_one_order_at_once_charge_it_once()
    {
        var order = await _shop.PlaceAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? (Task)_shop.ChargeAsync(order) : _shop.SettleAsync(order)));
        await _shop.SettleAsync(order);
        Assert.Equal("Paid", await _shop.StatusAsync(order));
        Assert.Equal(1, await _shop.ChargesAsync());
        Assert.Equal(1L, await _shop.CountAsync($"outbox WHERE kind = 'notify' AND key = 'order-confirmation-v2:{order}'"));
        await _shop.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_decline_cancels_the_order_and_gives_its_units_back()
    {
        var order = await _shop.PlaceAsync("pm_card_chargeDeclinedInsufficientFunds");
        Assert.Equal(OrderStatus.Cancelled, await _shop.ChargeAsync(order));
        Assert.Equal(1L, await _shop.CountAsync("payments WHERE status = 'Declined' AND code = 'insufficient_funds' AND gateway_id IS NOT NULL AND circuit = 'Closed'"));
        // Nobody waited for the page that says so.
        Assert.Equal(1L, await _shop.CountAsync($"outbox WHERE kind = 'notify' AND key = 'order-cancelled:{order}'"));
        await _shop.AssertBalancedAsync();
    }
}
