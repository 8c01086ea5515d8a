using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Catalog;
using Retail.Core.Quality.Reconciliation;
using Retail.Tests.Admin;
using Retail.Tests.Commands;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>The books are compared, and whatever does not agree is found, whoever wrote it.</summary>
public sealed class ReconciliationTests(TestDatabase database) : IAsyncLifetime
{
    private const string Silently = "SET session_replication_role = replica; ";
    private const string Radio = "(SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = 'tern-portable-radio' ORDER BY v.position LIMIT 1)";

    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_store_that_has_sold_refunded_and_cancelled_balances()
    {
        await SellAsync();
        await _shop.HasOrderAsync();   // one that waits for its payment
        var report = await CompareAsync();
        Assert.True(report.Run.Result == Severity.Ok, string.Join('\n', report.Run.Findings.Select(f => $"{f.Subject}: {f.Words}")));
        Assert.Equal(0, report.Run.ReadModel);
        Assert.True(report.Run.Checked > 20);
        Assert.Equal(report.Run.Checked, report.Total);
        Assert.Contains(report.Variants, v => v.OrdersSold > 0);
        Assert.Contains(report.Variants, v => v.OrdersPromised > 0);
    }

    [Fact]
    public async Task Whatever_is_planted_is_found_and_gone_when_it_is_mended()
    {
        await SellAsync();
        var planted = new (string What, string Plant, string Mend, Func<ReconciliationRun, int> Count, string Says)[]
        {
            ("a counter changed by hand", $"UPDATE stock_items SET on_hand = on_hand + 1 WHERE variant_id = {Radio}", $"UPDATE stock_items SET on_hand = on_hand - 1 WHERE variant_id = {Radio}", r => r.Stock, "but the ledger sums to"),
            ("a reservation of no order", $"UPDATE stock_items SET reserved = reserved + 1 WHERE variant_id = {Radio}", $"UPDATE stock_items SET reserved = reserved - 1 WHERE variant_id = {Radio}", r => r.Stock, "but open orders hold"),
            ("a line of the ledger that is gone", "CREATE TABLE kept AS SELECT * FROM stock_movements WHERE kind = 'Sold' LIMIT 1; DELETE FROM stock_movements WHERE id IN (SELECT id FROM kept)", "INSERT INTO stock_movements SELECT * FROM kept; DROP TABLE kept", r => r.Stock, "paid orders hold"),
            ("a stock row that is gone", "CREATE TABLE kept AS SELECT * FROM stock_items LIMIT 1; DELETE FROM stock_items WHERE variant_id IN (SELECT variant_id FROM kept)", "INSERT INTO stock_items SELECT * FROM kept; DROP TABLE kept", r => r.Stock, "no stock row"),
            ("a total that is a cent and a half off", "UPDATE orders SET total_amount = total_amount + 0.02", "UPDATE orders SET total_amount = total_amount - 0.02", r => r.Totals, "subtotal and shipping make"),
            ("a line at another price", "UPDATE order_lines SET line_total_amount = line_total_amount + 1", "UPDATE order_lines SET line_total_amount = line_total_amount - 1", r => r.Totals, "Its lines sum to"),
            ("a paid order without a reference", "UPDATE payments SET gateway_id = NULL, code = gateway_id WHERE status = 'Captured'", "UPDATE payments SET gateway_id = code, code = NULL WHERE status = 'Captured'", r => r.Payments, "no reference of the gateway"),
            ("a paid order without a payment", "UPDATE payments SET status = 'Declined' WHERE status = 'Captured'", "UPDATE payments SET status = 'Captured' WHERE status = 'Declined'", r => r.Payments, "no payment was captured"),
            ("an order charged twice", "INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, gateway_id, started_at, tries) SELECT '00000000-0000-7000-8000-000000000001', order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, 'pi_again', started_at, 1 FROM payments WHERE status = 'Captured' LIMIT 1", "DELETE FROM payments WHERE gateway_id = 'pi_again'", r => r.Payments, "charged 2 times"),
            ("a line of no order", "INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, unit_price_currency, line_total_amount, line_total_currency) SELECT '00000000-0000-7000-8000-000000000002', 1, variant_id, sku, name, option_text, 1, unit_price_amount, 'USD', unit_price_amount, 'USD' FROM order_lines LIMIT 1", "DELETE FROM order_lines WHERE order_id = '00000000-0000-7000-8000-000000000002'", r => r.Orphans, "belongs to no order"),
            ("a cart's line of no cart", $"INSERT INTO cart_lines (cart_id, variant_id, quantity, price_seen_amount, price_seen_currency, added_at) VALUES ('00000000-0000-7000-8000-000000000003', {Radio}, 1, 1, 'USD', now())", "DELETE FROM cart_lines WHERE cart_id = '00000000-0000-7000-8000-000000000003'", r => r.Orphans, "belongs to no cart"),
        };
        foreach (var (what, plant, mend, count, says) in planted)
        {
            await _shop.SqlAsync(Silently + plant);
            var run = (await CompareAsync()).Run;
            Assert.True(run.Result == Severity.Critical && count(run) > 0, $"{what} was not found: {run.Result}");
            Assert.Contains(run.Findings, f => f.Words.Contains(says, StringComparison.Ordinal));
            await _shop.SqlAsync(Silently + mend);
            run = (await CompareAsync()).Run;
            Assert.True(run.Differences == 0, $"{what} was mended, and still: {string.Join(' ', run.Findings.Select(f => $"{f.Subject}: {f.Words}"))}");
        }
    }

    [Fact]
    public async Task A_unit_sold_twice_is_found_from_orders_and_ledger_though_every_counter_agrees()
    {
        await SellAsync();
        // The last unit and one more, with all bookkeeping done as if there had been two.
        await _shop.SqlAsync($"""
            ALTER TABLE stock_items DROP CONSTRAINT ck_stock_items_reserved;
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) SELECT s.variant_id, 'Adjusted', -s.on_hand, 0, 'all gone', now() FROM stock_items s WHERE variant_id = {Radio};
            UPDATE stock_items SET on_hand = 0 WHERE variant_id = {Radio}
            """);
        await _shop.SqlAsync($"""
            INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, unit_price_currency, line_total_amount, line_total_currency)
            SELECT o.id, 90, {Radio}, 'x', 'x', '', 1, 0, 'USD', 0, 'USD' FROM orders o WHERE o.status = 'Paid' LIMIT 1;
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) VALUES ({Radio}, 'Sold', -1, 0, '', now());
            UPDATE stock_items SET on_hand = on_hand - 1 WHERE variant_id = {Radio}
            """);
        var run = (await CompareAsync()).Run;
        Assert.Equal(1, run.Oversold);
        Assert.Equal(Severity.Critical, run.Result);
        await WaitForAsync("SELECT count(*) FROM metric WHERE type = 'stock_conflicts' AND metadata->>'source' = 'reconciliation' AND metadata->>'units' = '1'", 1);
        await WaitForAsync("SELECT count(*) FROM metric WHERE type = 'reconcile_differences' AND value = 1 AND (metadata->>'stock')::int = 1 AND (metadata->>'checked')::int > 20", 1);
    }

    [Fact]
    public async Task Pages_that_show_something_old_are_a_warning_and_reading_the_catalogue_again_mends_it_on_every_node()
    {
        await using var twin = await _shop.StartTwinAsync();
        await _shop.SqlAsync($"{Silently}UPDATE variants SET price_amount = 88.88 WHERE id = {Radio}");
        var admin = await _shop.OpenAsAdminAsync("/admin/reconciliation");
        await admin.SubmitAsync("Compare now");
        Assert.Contains("shown otherwise on this node", admin.Text, StringComparison.Ordinal);
        Assert.Contains("this node's pages say 129.00", admin.Text, StringComparison.Ordinal);
        Assert.Equal("Warning", await _shop.SqlAsync("SELECT result FROM reconciliation_runs ORDER BY started_at DESC LIMIT 1"));

        using var client = await ProgramAsync();
        using var asked = await client.PostAsync("/admin/sync", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        foreach (var shop in (Shop[])[_shop, twin])
        {
            var patience = Stopwatch.StartNew();
            while (shop.Services.GetRequiredService<CatalogModel>().Snapshot.Find("tern-portable-radio")!.Variants[0].Price != 88.88m)
            {
                Assert.True(patience.Elapsed < TimeSpan.FromSeconds(15), "A node did not read the catalogue again.");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
        await admin.SubmitAsync("Compare now");
        Assert.Contains("all figures agree", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Read the catalogue again");
        Assert.Contains("Every node reads the whole catalogue again now.", admin.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_with_an_admins_token_asks_and_strangers_are_refused()
    {
        using var stranger = new HttpClient { BaseAddress = _shop.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/admin/reconcile", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync("/admin/sync", null, TestContext.Current.CancellationToken)).StatusCode);
        using var program = await ProgramAsync();
        var answer = await program.GetFromJsonAsync<JsonElement>("/admin/reconcile?size=5&page=2", TestContext.Current.CancellationToken);
        Assert.Equal("OK", answer.GetProperty("status").GetString());
        Assert.Equal(5, answer.GetProperty("variants").GetProperty("items").GetArrayLength());
        var first = answer.GetProperty("variants").GetProperty("items")[0];
        Assert.Equal("OK", first.GetProperty("status").GetString());
        Assert.Equal(first.GetProperty("ledger").GetProperty("onHand").GetInt32(), first.GetProperty("stock").GetProperty("onHand").GetInt32());
        Assert.Equal(first.GetProperty("stock").GetProperty("onHand").GetInt32(), first.GetProperty("readModel").GetInt32());
        Assert.Equal("admin", await _shop.SqlAsync("SELECT asked_by FROM reconciliation_runs ORDER BY started_at DESC LIMIT 1"));
        foreach (var bad in (string[])["?status=7", "?status=none", "?page=0", "?size=5000"])
            Assert.Equal(HttpStatusCode.BadRequest, (await program.GetAsync("/admin/reconcile" + bad, TestContext.Current.CancellationToken)).StatusCode);
        var admin = await _shop.OpenAsAdminAsync("/admin/");
        using var bySession = await admin.SendAsideAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_shop.BaseAddress, "/admin/reconcile?status=open")));
        Assert.Equal(HttpStatusCode.OK, bySession.StatusCode);
    }

    [Fact]
    public async Task The_command_ends_with_1_when_the_books_differ_and_leaves_its_metric()
    {
        var fine = await RetailCommand.RunAsync(_shop.ConnectionString, "", "reconcile");
        Assert.True(fine.ExitCode == 0, fine.Output + fine.Errors);
        Assert.Contains("OK: ", fine.Output, StringComparison.Ordinal);
        await _shop.SqlAsync($"{Silently}UPDATE stock_items SET on_hand = on_hand + 3 WHERE variant_id = {Radio}");
        var broken = await RetailCommand.RunAsync(_shop.ConnectionString, "", "reconcile", "--json");
        Assert.Equal(1, broken.ExitCode);
        var json = JsonDocument.Parse(broken.Output).RootElement;
        Assert.Equal("CRITICAL", json.GetProperty("status").GetString());
        Assert.Equal("CRITICAL", json.GetProperty("variants").GetProperty("items")[0].GetProperty("status").GetString());
        Assert.Equal(1L, await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'reconcile_differences' AND value = 1"));
    }

    [Fact]
    public async Task While_the_store_sells_the_comparison_finds_nothing()
    {
        using var stop = new CancellationTokenSource();
        var buying = Task.Run(async () =>
        {
            var orders = 0;
            while (!stop.IsCancellationRequested)
            {
                var buyer = await _shop.OpenAsync("/products/tidepool-stoneware-mug");
                await buyer.SubmitAsync("Add to cart");
                await buyer.OpenAsync("/checkout");
                await buyer.PlaceOrderAsync();
                orders++;
            }
            return orders;
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 8; i++)
        {
            var run = (await CompareAsync()).Run;
            Assert.True(run.Result == Severity.Ok, string.Join('\n', run.Findings.Select(f => $"{f.Subject}: {f.Words}")));
        }
        await stop.CancelAsync();
        Assert.True(await buying > 0, "Nothing was sold meanwhile.");
    }

    private async Task SellAsync()
    {
        foreach (var product in (string[])["tern-portable-radio", "tidepool-stoneware-mug"])
        {
            var buyer = await _shop.OpenAsync($"/products/{product}");
            await buyer.SubmitAsync("Add to cart", ("quantity", "2"));
            await buyer.OpenAsync("/checkout");
            await buyer.PlaceOrderAsync();
            Assert.Contains("Thank you", buyer.Text, StringComparison.Ordinal);
        }
        var regretful = await _shop.OpenAsync("/products/tern-portable-radio");
        await regretful.SubmitAsync("Add to cart");
        await regretful.OpenAsync("/checkout");
        await regretful.PlaceOrderAsync();
        await regretful.SubmitAsync("Cancel");
    }

    private async Task<ReconciliationReport> CompareAsync()
    {
        await using var scope = _shop.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Reconciler>().RunAsync("test", BooksFilter.All, 1, Reconciler.MaxSize, TestContext.Current.CancellationToken);
    }

    private async Task<HttpClient> ProgramAsync()
    {
        var client = new HttpClient { BaseAddress = _shop.BaseAddress };
        using var answer = await client.PostAsJsonAsync("/api/auth/token", new { userName = FirstStart.AdminName, password = FirstStart.AdminPassword }, TestContext.Current.CancellationToken);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task WaitForAsync(string countSql, long count)
    {
        var patience = Stopwatch.StartNew();
        while ((long)(await _shop.SqlAsync(countSql))! != count)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(15), $"Not {count}: {countSql}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
