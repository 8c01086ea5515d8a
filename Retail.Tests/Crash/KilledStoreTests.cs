using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;
using Retail.Tests.Observability;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Crash;

/// <summary>
/// Whatever dies at whatever moment of a sale, nothing that was acknowledged is lost and nothing is done twice, once all is up again.
/// The gateway is another store with books of its own, which nobody kills.
/// </summary>
public sealed class KilledStoreTests(TestDatabase database) : IAsyncLifetime
{
    private enum Victim { Web, Worker, Database }

    private static readonly int Deaths = Size.Of("RETAIL_PROOF_KILLS", 3);

    // What stands in the way when something is not settled.
    private const string Promises = "SELECT string_agg(format('%s %s tries, due in %s: %s', kind, tries, due_at - now(), error), ' | ') FROM (SELECT * FROM outbox WHERE status = 'Waiting' AND kind <> 'notify' ORDER BY due_at LIMIT 5) x";

    private readonly RestartablePostgres _postgres = new() { IsDurable = true };
    private readonly ConcurrentDictionary<Guid, string> _acknowledged = new();
    private readonly ConcurrentBag<(Browser Browser, string Email)> _interrupted = [];
    private readonly ConcurrentBag<(string Key, Guid Variant)> _unanswered = [];
    private readonly SemaphoreSlim _thanked = new(0);
    private string _gateway = "", _seeded = "";
    private volatile bool _closing;

    public async ValueTask InitializeAsync()
    {
        _gateway = await Shop.SeededDatabaseAsync(database);
        await _postgres.InitializeAsync();
        _seeded = _postgres.ConnectionString;
        await Shop.SeedAsync(_seeded);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (browser, _) in _interrupted) browser.Dispose();
        await database.DropAsync(_gateway);
        await _postgres.DisposeAsync();
        _thanked.Dispose();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_a_sale_it_loses_nothing_and_charges_nobody_twice()
    {
        await SqlAsync("""
            WITH more AS (UPDATE stock_items SET on_hand = on_hand + 100000 RETURNING variant_id)
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) SELECT variant_id, 'Adjusted', 100000, 0, 'for this test', now() FROM more
            """);
        using var bank = new StoreProcess(_gateway);
        using var store = new StoreProcess(_seeded, bank);
        await bank.StartAsync();
        await store.StartAsync();
        store.StartWorker();
        using var api = await ApiBuyer.SignInAsync(store.Address);
        var variant = await VariantAsync();

        // Each part dies about as often as the others, in an order that nobody knows before.
        var victims = Enumerable.Range(0, Deaths).Select(i => (Victim)(i % 3)).ToArray();
        Random.Shared.Shuffle(victims);
        for (var death = 0; death < Deaths; death++)
        {
            _closing = false;
            var buyers = Enumerable.Range(0, 3).Select(n => VisitAsync(store.Address, $"visitor-{death}-{n}"))
                .Concat(Enumerable.Range(0, 3).Select(n => CallAsync(api, store.Address, $"program-{death}-{n}", variant))).ToList();
            for (var thanks = Random.Shared.Next(5, 25); thanks > 0; thanks--) await ThankedAsync(victims[death]);
            await Task.Delay(Random.Shared.Next(0, 60), TestContext.Current.CancellationToken);
            await KillAsync(victims[death], store);
            for (var thanks = 3; thanks > 0; thanks--) await ThankedAsync(victims[death]);   // it sells again
            _closing = true;
            await Task.WhenAll(buyers);
            Assert.Empty(await OrderBooks.FaultsAsync(_seeded));
            await AreThereAsync();
        }
        Assert.True(victims.All(v => v == Victim.Worker) || !_interrupted.IsEmpty || !_unanswered.IsEmpty, "Nobody was interrupted: the test showed nothing.");

        // Half of those who never heard an answer ask again; the others' orders, if they came to be, are settled all the same.
        foreach (var (browser, email) in _interrupted.Where((_, i) => i % 2 == 0))
        {
            await browser.PlaceOrderAsync(email: email);
            Assert.Contains("Thank you, Mara", browser.Text, StringComparison.Ordinal);
            Acknowledge(browser, email);
        }
        foreach (var (key, of) in _unanswered.Where((_, i) => i % 2 == 0))
        {
            var (code, order, _) = await api.OrderAsync(store.Address, key, (of, 1));
            Assert.Equal("accepted", code);
            _acknowledged[order!.Value] = key;
        }
        // Without a hand: a worker comes to each order within half a minute, and the net beneath it within another.
        await UntilAsync("SELECT count(*) FROM orders WHERE status IN ('Placed', 'PaymentPending')");
        await UntilAsync("SELECT count(*) FROM outbox WHERE status = 'Waiting' AND kind = 'settle-payment'");
        Assert.Empty(await OrderBooks.FaultsAsync(_seeded, _gateway));
        Assert.Equal(_acknowledged.Count, await SqlAsync("SELECT count(*) FROM orders WHERE id = ANY($1) AND status = 'Paid'", _acknowledged.Keys.ToArray()));
        Assert.Equal(0, await SqlAsync("SELECT count(*) FROM (SELECT 1 FROM orders GROUP BY email HAVING count(*) > 1) twice"));
        var orders = await SqlAsync("SELECT count(*) FROM orders");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Killed: {string.Join(", ", victims)}. {_acknowledged.Count} orders acknowledged, {_interrupted.Count + _unanswered.Count} shoppers interrupted, {orders} orders, all settled."));
    }

    private async Task KillAsync(Victim victim, StoreProcess store)
    {
        switch (victim)
        {
            case Victim.Web:
                await store.KillAsync();
                await store.StartAsync();
                break;
            case Victim.Worker:
                await store.KillWorkerAsync();
                store.StartWorker();
                break;
            case Victim.Database:
                await _postgres.StopAsync();   // immediate: as a power cut, without a last word to anybody
                NpgsqlConnection.ClearAllPools();
                await _postgres.StartAsync();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(victim), victim, "Not a victim.");
        }
    }

    // One purchase after the other, each as another person, through the pages.
    private async Task VisitAsync(Uri store, string name)
    {
        for (var n = 0; !_closing; n++)
        {
            var (browser, email) = (new Browser(store), $"{name}-{n}@example.com");
            var isOrdering = false;
            try
            {
                await browser.OpenAsync(n % 2 == 0 ? "/products/tern-portable-radio" : "/products/tidepool-stoneware-mug");
                await browser.SubmitAsync("Add to cart");
                await browser.OpenAsync("/checkout");
                if (browser.Status != HttpStatusCode.OK || !browser.Uri.AbsolutePath.StartsWith("/checkout", StringComparison.Ordinal)) throw new HttpRequestException("The store is not well.");
                isOrdering = true;
                await browser.PlaceOrderAsync(email: email);
                // Whoever is sent to the order's page has been told of it, also when that page fails.
                if (!browser.Uri.AbsolutePath.StartsWith("/orders/", StringComparison.Ordinal)) throw new HttpRequestException($"Answered {browser.Status}.");
                Acknowledge(browser, email);
                browser.Dispose();
                _thanked.Release();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException)
            {
                if (isOrdering && browser.Document.QuerySelector("form.checkout-form") is not null) _interrupted.Add((browser, email));
                else browser.Dispose();
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    // The same through the API, which acknowledges with 202.
    private async Task CallAsync(ApiBuyer api, Uri store, string name, Guid variant)
    {
        for (var n = 0; !_closing; n++)
        {
            var key = $"{name}-{n}";
            try
            {
                var (_, order, _) = await api.OrderAsync(store, key, (variant, 1));
                if (order is null) throw new HttpRequestException("Refused.");
                _acknowledged[order.Value] = key;
                _thanked.Release();
            }
            catch (HttpRequestException)
            {
                _unanswered.Add((key, variant));
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    private void Acknowledge(Browser browser, string email) => _acknowledged[Guid.Parse(browser.Uri.Segments[^1])] = email;

    private async Task ThankedAsync(Victim victim) =>
        Assert.True(await _thanked.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken), $"For a minute and a half nobody could buy, around the death of: {victim}.");

    private async Task AreThereAsync() =>
        Assert.Equal(_acknowledged.Count, await SqlAsync("SELECT count(*) FROM orders WHERE id = ANY($1) AND status IN ('Placed', 'Paid', 'PaymentPending')", _acknowledged.Keys.ToArray()));

    /// <summary>Waits until a count is 0.</summary>
    private async Task UntilAsync(string count)
    {
        var began = Stopwatch.GetTimestamp();
        while (await SqlAsync(count) is var left && left > 0)
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(5))
                Assert.Fail($"After five minutes there are still {left}: {count}. The first promises: {await _postgres.AskAsync<string>(Promises)}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private async Task<Guid> VariantAsync() => (await _postgres.AskAsync<Guid?>("SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = 'tern-portable-radio' ORDER BY v.position LIMIT 1"))!.Value;

    private async Task<long> SqlAsync(string sql, params object[] values)
    {
        await using var connection = new NpgsqlConnection(_seeded + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (long?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) ?? 0;
    }
}
