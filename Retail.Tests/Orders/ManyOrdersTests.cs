using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>What one order goes through asks for that order alone: in a shop that has many, none of its steps reads the others.</summary>
public sealed class ManyOrdersTests(TestDatabase database) : IAsyncLifetime
{
    private const int Many = 20_000;
    private static readonly string[] Tables = ["orders", "order_lines", "order_transitions", "payments", "payment_events", "refunds", "stock_movements", "outbox"];
    private PaidShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await PaidShop.StartAsync(database, webhooks: true);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task No_step_of_an_order_reads_the_orders_of_others()
    {
        await FillAsync();
        var before = await ReadAsync();

        // Paid in the browser, told by the gateway as well, shown, sent, paid back in part.
        var shopper = await _shop.Shop.AtCheckoutAsync();
        await shopper.PlaceOrderAsync();
        var bought = (Guid)(await _shop.Shop.SqlAsync("SELECT id FROM orders ORDER BY number DESC LIMIT 1"))!;
        for (var i = 0; i < 100 && await _shop.CountAsync($"payment_events WHERE order_id = '{bought}'") == 0; i++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(1, await _shop.CountAsync($"payment_events WHERE order_id = '{bought}'"));
        await shopper.OpenAsync($"/orders/{bought}");
        var admin = await _shop.Shop.OpenAsAdminAsync($"/admin/orders/{bought}");
        Assert.Contains("Mara Lindqvist", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/orders?status=placed&q=%2320001");
        Assert.True((await _shop.WithAsync<OrderService, ServiceResult>(o => o.ShipAsync(bought, "ada", "TRACK-1", CancellationToken.None))).Ok);
        Assert.Equal(RefundStatus.Succeeded, (await _shop.RefundAsync(bought, "some", 1)).Status);
        // One called off, one that the worker settles, one past its deadline and the lag of the gateway's search, and the net beneath them, which finds nothing.
        var unwanted = await _shop.PaidAsync();
        Assert.True((await _shop.WithAsync<OrderService, ServiceResult<OrderStatus>>(o => o.CancelAsync(unwanted, "ada", "Not wanted", CancellationToken.None))).Ok);
        Assert.True(await _shop.SettleAsync(await _shop.PlaceAsync()));
        Assert.True(await _shop.SettleLaterAsync(await _shop.PlaceAsync(), TimeSpan.FromMinutes(33)));
        Assert.Equal(0, await _shop.WithAsync<SettlementSweep, int>(s => s.RunOnceAsync(CancellationToken.None)));

        // Each session reports at its end at the latest what it read.
        await _shop.Shop.StopAsync();
        var now = await ReadAsync();
        var whole = Tables.Where(table => now[table] - before[table] >= Many / 2).Select(table => $"{table}: {now[table] - before[table]} rows read");
        Assert.True(!whole.Any(), string.Join("; ", whole));
        Assert.True(now["orders"] > before["orders"] && now["payments"] > before["payments"], "Nothing was counted.");
    }

    /// <summary>Orders of four weeks, all of them settled, and statistics that know it.</summary>
    private async Task FillAsync() => await _shop.Shop.SqlAsync($"""
        CREATE TEMP TABLE old AS SELECT gen_random_uuid() AS id, gen_random_uuid() AS payment, now() - interval '2 min' * (nr + 60) AS at, nr FROM generate_series(1, {Many}) nr;
        INSERT INTO orders (id, idempotency_key, request_hash, email, phone, shipping_method, shipping_address_name, shipping_address_line1, shipping_address_line2, shipping_address_city, shipping_address_region,
            shipping_address_postcode, shipping_address_country, subtotal_amount, shipping_amount, total_amount, subtotal_currency, shipping_currency, total_currency, status, placed_at)
        SELECT id, 'old-' || nr, repeat('0', 64), nr || '@example.com', '', 'standard', 'Ada Buyer', '1 Mill Lane', '', 'Ely', '', 'CB7 4AA', 'GB', 20, 4.90, 24.90, 'USD', 'USD', 'USD', 'Paid', at FROM old;
        INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, line_total_amount, unit_price_currency, line_total_currency)
        SELECT id, 1, '{_shop.Variant}', 'LAMP', 'Lamp', '', 1, 20, 20, 'USD', 'USD' FROM old;
        INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, gateway_id, started_at, answered_at, tries)
        SELECT payment, id, 24.90, 'USD', 'Captured', 'pm_card_visa', 'visa', '4242', 'pi_old_' || nr, at, at, 1 FROM old;
        INSERT INTO payment_events (id, type, gateway_id, order_id, happened_at, received_at) SELECT 'evt_old_' || nr, 'payment_intent.succeeded', 'pi_old_' || nr, id, at, at FROM old;
        INSERT INTO order_transitions (order_id, from_status, to_status, by, why, at) SELECT id, 'Placed', 'Paid', 'shopper', 'Payment captured', at FROM old;
        INSERT INTO refunds (id, order_id, payment_id, key, amount_amount, amount_currency, reason, by, restock, status, created_at)
        SELECT gen_random_uuid(), id, payment, 'old-' || nr, 1, 'USD', 'Sorry', 'ada', false, 'Succeeded', at FROM old;
        INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at)
        SELECT '{_shop.Variant}', kind, 0, delta, id, '', at FROM old CROSS JOIN (VALUES ('Reserved', 1), ('Released', -1)) moves(kind, delta);
        INSERT INTO outbox (kind, key, ordering_key, status, created_at, due_at, tries) SELECT 'settle-payment', id::text, id::text, 'Done', at, at, 1 FROM old;
        ANALYZE orders, order_lines, order_transitions, payments, payment_events, refunds, stock_movements, outbox;
        SELECT pg_stat_force_next_flush()
        """);

    private async Task<Dictionary<string, long>> ReadAsync()
    {
        var read = new Dictionary<string, long>();
        foreach (var table in Tables)
            read[table] = (long)(await _shop.Shop.SqlAsync("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE schemaname = 'public' AND relname = $1", table))!;
        return read;
    }
}
