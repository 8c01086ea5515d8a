using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Quality.Drills;
using Retail.Core.Quality.Scenarios;
using Retail.Tests.FlashSales;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality.Drills;

/// <summary>Drills of the sale: what they find, whom they bother, and that a broken store does not pass.</summary>
public sealed class FlashSaleDrillTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await DrillGround.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_crowd_gets_what_there_is_on_goods_that_nobody_else_sees_and_only_the_evidence_stays()
    {
        var seen = new TaskCompletionSource();
        var drill = await _shop.DrillAsync("flash-sale", step => step.Text.Contains("press the button", StringComparison.Ordinal) ? LookAsync() : Task.CompletedTask, ("buyers", 60), ("stock", 10));

        Assert.True(seen.Task.IsCompletedSuccessfully);
        Assert.Equal(DrillStatus.Passed, drill.Run.Status);
        Assert.Equal((60, 10, 0, 0), (drill.Of(MetricTypes.DrillFlashBuyers), drill.Of(MetricTypes.DrillFlashOrders), drill.Of(MetricTypes.OversoldUnits), drill.Of(MetricTypes.StockDifferences)));
        Assert.Equal("", await _shop.LeftoversAsync());
        await RecordedAsync($"type = 'drill_result' AND value = 1 AND metadata->>'drill' = 'flash-sale' AND metadata->>'oversold_units' = '0'", drill);
        await RecordedAsync("type = 'orders_per_day'", drill);
        // The orders are gone; what the scenarios' queries said of them stays, and counts.
        await RecordedAsync("type = 'drill_evidence' AND metadata->>'query' = 'payment_success_rate' AND metadata->>'sample' = '10' AND value = 100", drill);
        await using var connection = await _shop.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var context = new QueryContext(connection, now.AddDays(-7), now.AddMinutes(1), AppContext.BaseDirectory);
        foreach (var (name, value) in new[] { ("payment_success_rate", 100), ("oversold_units", 0), ("orders_sharing_a_key", 0), ("orders_charged_twice", 0), ("paid_without_payment", 0), ("order_total_differences", 0) })
            Assert.Equal((value, 10), await new NamedQueries()[name].AskAsync(context, TestContext.Current.CancellationToken) is var said ? (said.Value, said.Sample) : default);
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type IN ('orders_per_day', 'payment_attempt', 'order_accept_ms') AND metadata->>'drill_id' IS NULL"));

        async Task LookAsync()
        {
            var (id, slug, name, sku) = await ProductAsync();
            foreach (var path in new[] { $"/products/{slug}", $"/api/products/{slug}" })
                Assert.Equal(HttpStatusCode.NotFound, (await _shop.OpenAsync(path)).Status);
            foreach (var path in new[] { "/products/?sort=newest", $"/products/?q={Uri.EscapeDataString(name)}", "/", "/api/products/?sort=newest" })
                Assert.DoesNotContain(path.StartsWith("/api", StringComparison.Ordinal) ? slug : $"/products/{slug}", (await _shop.OpenAsync(path)).Document.Source.Text, StringComparison.OrdinalIgnoreCase);
            var stranger = await _shop.OpenAsync("/");
            using var buy = await stranger.SendAsideAsync(FlashShop.Order(sku, "mine"));
            Assert.Contains("no_flash_sale", await buy.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            using var forged = FlashShop.Order(sku, "forged");
            forged.Headers.Add(DrillPass.Header, drillIdOf(id));
            using var refused = await stranger.SendAsideAsync(forged);
            Assert.Contains("no_flash_sale", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            seen.SetResult();
        }

        static string drillIdOf(Guid product) => product.ToString();
    }

    [Fact]
    public async Task A_store_that_oversells_fails()
    {
        // The counters no longer rise and nothing stands behind them: the admission finds units for everybody.
        await _shop.SqlAsync("""
            ALTER TABLE stock_items DROP CONSTRAINT ck_stock_items_reserved;
            ALTER TABLE flash_sales DROP CONSTRAINT ck_flash_sales_sold;
            CREATE FUNCTION forget_stock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.reserved <> OLD.reserved THEN NEW.reserved := OLD.reserved; NEW.on_hand := OLD.on_hand; END IF; RETURN NEW; END $$;
            CREATE FUNCTION forget_sale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.sold := OLD.sold; RETURN NEW; END $$;
            CREATE TRIGGER forget_stock BEFORE UPDATE ON stock_items FOR EACH ROW EXECUTE FUNCTION forget_stock();
            CREATE TRIGGER forget_sale BEFORE UPDATE ON flash_sales FOR EACH ROW EXECUTE FUNCTION forget_sale();
            """);
        var drill = await _shop.DrillAsync("flash-sale", null, ("buyers", 40), ("stock", 5));

        Assert.Equal(DrillStatus.Failed, drill.Run.Status);
        Assert.InRange(drill.Of(MetricTypes.OversoldUnits), 1, 35);
        Assert.True(drill.Of(MetricTypes.StockDifferences) > 0);
        await RecordedAsync("type = 'drill_result' AND value = 0", drill);
        await RecordedAsync("type = 'drill_evidence' AND metadata->>'query' = 'oversold_units' AND value > 0", drill);
        Assert.Equal("", await _shop.LeftoversAsync());
    }

    [Fact]
    public async Task The_same_order_many_times_is_one_and_a_store_that_forgets_keys_fails()
    {
        var drill = await _shop.DrillAsync("duplicate-checkout", null, ("times", 12));
        Assert.Equal(DrillStatus.Passed, drill.Run.Status);
        Assert.Equal((12, 0, 0), (drill.Of(MetricTypes.DuplicateCheckoutsTried), drill.Of(MetricTypes.DuplicateOrders), drill.Of(MetricTypes.DuplicateCharges)));

        await _shop.SqlAsync("""
            CREATE FUNCTION forget_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.idempotency_key := gen_random_uuid()::text; RETURN NEW; END $$;
            CREATE TRIGGER forget_key BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION forget_key();
            """);
        var broken = await _shop.DrillAsync("duplicate-checkout", null, ("times", 12));
        Assert.Equal(DrillStatus.Failed, broken.Run.Status);
        Assert.True(broken.Of(MetricTypes.DuplicateOrders) > 0);
        Assert.True(broken.Of(MetricTypes.DuplicateCharges) > 0);
    }

    private async Task<(Guid Id, string Slug, string Name, string Sku)> ProductAsync()
    {
        var text = (string)(await _shop.SqlAsync("SELECT p.id || '|' || p.slug || '|' || p.name || '|' || v.sku FROM products p JOIN variants v ON v.product_id = p.id WHERE p.drill_id IS NOT NULL"))!;
        return text.Split('|') is [var id, var slug, var name, var sku] ? (Guid.Parse(id), slug, name, sku) : throw new InvalidOperationException(text);
    }

    private async Task RecordedAsync(string condition, DrillView drill)
    {
        for (var wait = 0; wait < 100; wait++)
        {
            if ((long)(await _shop.SqlAsync($"SELECT count(*) FROM metric WHERE {condition} AND metadata->>'drill_id' = '{drill.Run.Id}'"))! > 0) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Fail($"No metric row: {condition}");
    }
}
