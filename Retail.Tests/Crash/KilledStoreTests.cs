using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Crash;

/// <summary>A store that dies at any moment of a purchase has lost nothing, and has done nothing twice, once it is back.</summary>
public sealed class KilledStoreTests(TestDatabase database) : IAsyncLifetime
{
    private const int Deaths = 3, Buyers = 6;

    // The ledger sums to the stock, and what is reserved is what awaits payment.
    private const string StockFaults = """
        SELECT count(*) FROM stock_items s
        LEFT JOIN (SELECT variant_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved FROM stock_movements GROUP BY 1) m USING (variant_id)
        LEFT JOIN (SELECT variant_id, sum(quantity) AS units FROM order_lines l JOIN orders o ON o.id = l.order_id AND o.status IN ('Placed', 'PaymentPending') GROUP BY 1) l USING (variant_id)
        WHERE s.on_hand <> m.on_hand OR s.reserved <> m.reserved OR s.reserved <> coalesce(l.units, 0)
        """;

    private const string OrdersWithoutLines = "SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id)";

    private const string ChargedTwice = "SELECT count(*) FROM (SELECT 1 FROM simulator.payment_intents WHERE status = 'succeeded' GROUP BY metadata ->> 'order_id' HAVING count(*) > 1) twice";

    // An order is paid here exactly when the gateway has taken its total.
    private const string BooksThatDiffer = """
        SELECT count(*) FROM (SELECT o.id, o.total_amount FROM orders o JOIN payments p ON p.order_id = o.id AND p.status = 'Captured' WHERE o.status = 'Paid') ours
        FULL JOIN (SELECT (metadata ->> 'order_id')::uuid AS id, amount / 100.0 AS total_amount FROM simulator.payment_intents WHERE status = 'succeeded') theirs USING (id, total_amount)
        WHERE ours IS NULL OR theirs IS NULL
        """;

    private readonly ConcurrentDictionary<Guid, string> _acknowledged = new();
    private readonly ConcurrentBag<(Browser Browser, string Email)> _interrupted = [];
    private readonly SemaphoreSlim _thanked = new(0);
    private NpgsqlDataSource _database = null!;
    private string _connectionString = "";

    public async ValueTask InitializeAsync()
    {
        _connectionString = await Shop.SeededDatabaseAsync(database);
        _database = NpgsqlDataSource.Create(_connectionString);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (browser, _) in _interrupted) browser.Dispose();
        await _database.DisposeAsync();
        await database.DropAsync(_connectionString);
        _thanked.Dispose();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_purchases_it_loses_nothing_and_charges_nobody_twice()
    {
        await SqlAsync("""
            WITH more AS (UPDATE stock_items SET on_hand = on_hand + 10000 RETURNING variant_id)
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) SELECT variant_id, 'Adjusted', 10000, 0, 'for this test', now() FROM more
            """);
        using var store = new StoreProcess(_connectionString);
        for (var death = 0; death < Deaths; death++)
        {
            await store.StartAsync();
            var buyers = Enumerable.Range(0, Buyers).Select(n => BuyUntilTheEndAsync(store.Address, $"buyer-{death}-{n}")).ToList();
            for (var thanks = Random.Shared.Next(5, 20); thanks > 0; thanks--) await _thanked.WaitAsync(TestContext.Current.CancellationToken);
            await store.KillAsync();
            await Task.WhenAll(buyers);
            await UntilAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'retail' AND pid <> pg_backend_pid()");
            await IsConsistentAsync();
        }
        Assert.NotEmpty(_interrupted);

        await store.StartAsync();
        // Half of those who never heard an answer press the button again; the worker settles the others' orders.
        foreach (var (browser, email) in _interrupted.Where((_, i) => i % 2 == 0))
        {
            await browser.PlaceOrderAsync(email: email);
            Assert.Contains("Thank you, Mara", browser.Text, StringComparison.Ordinal);
            Acknowledge(browser, email);
        }
        store.StartWorker();
        await SqlAsync("UPDATE outbox SET due_at = now() WHERE status = 'Waiting'");
        await UntilAsync("SELECT count(*) FROM orders WHERE status IN ('Placed', 'PaymentPending')");
        await UntilAsync("SELECT count(*) FROM outbox WHERE status = 'Waiting' AND kind = 'settle-payment'");
        await IsConsistentAsync();
        Assert.Equal(0, await SqlAsync(BooksThatDiffer));
        Assert.Equal(0, await SqlAsync("SELECT count(*) FROM outbox WHERE status = 'Dead'"));
        Assert.Equal(0, await SqlAsync("SELECT count(*) FROM (SELECT 1 FROM orders GROUP BY email HAVING count(*) > 1) twice"));
        Assert.True(_acknowledged.Count >= Deaths * 5, $"Only {_acknowledged.Count} orders were made.");
    }

    // One purchase after the other, each as another person, until nobody answers any more.
    private async Task BuyUntilTheEndAsync(Uri store, string name)
    {
        for (var n = 0; ; n++)
        {
            var (browser, email) = (new Browser(store), $"{name}-{n}@example.com");
            var isOrdering = false;
            try
            {
                await browser.OpenAsync(n % 2 == 0 ? "/products/tern-portable-radio" : "/products/tidepool-stoneware-mug");
                await browser.SubmitAsync("Add to cart");
                await browser.OpenAsync("/checkout");
                isOrdering = true;
                await browser.PlaceOrderAsync(email: email);
                Acknowledge(browser, email);
                browser.Dispose();
                _thanked.Release();
            }
            catch (HttpRequestException)
            {
                if (isOrdering) _interrupted.Add((browser, email));
                else browser.Dispose();
                return;
            }
        }
    }

    private void Acknowledge(Browser browser, string email)
    {
        Assert.True(browser.Uri.AbsolutePath.StartsWith("/orders/", StringComparison.Ordinal), browser.Text);
        _acknowledged[Guid.Parse(browser.Uri.Segments[^1])] = email;
    }

    private async Task IsConsistentAsync()
    {
        Assert.Equal(0, await SqlAsync(StockFaults));
        Assert.Equal(0, await SqlAsync(OrdersWithoutLines));
        Assert.Equal(0, await SqlAsync(ChargedTwice));
        Assert.Equal(_acknowledged.Count, await SqlAsync("SELECT count(*) FROM orders WHERE id = ANY($1) AND status IN ('Paid', 'PaymentPending')", _acknowledged.Keys.ToArray()));
    }

    /// <summary>Waits until a count is 0.</summary>
    private async Task UntilAsync(string count)
    {
        var began = Stopwatch.GetTimestamp();
        while (await SqlAsync(count) is var left && left > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"After a minute there are still {left}: {count}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task<long> SqlAsync(string sql, params object[] values)
    {
        await using var command = _database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (long?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) ?? 0;
    }
}
