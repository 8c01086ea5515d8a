using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Crash;

/// <summary>
/// Two workers keep the promises of many orders while one after the other is killed as a power cut kills: charges and mails are
/// made once each. RETAIL_TEST_OUTBOX_ROWS=10000 and RETAIL_TEST_KILLS=5 make it the big proof.
/// </summary>
public sealed class KilledWorkerTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly int Rows = Setting("RETAIL_TEST_OUTBOX_ROWS", 200), Kills = Setting("RETAIL_TEST_KILLS", 1);

    private string _connectionString = "";
    private NpgsqlDataSource _database = null!;

    public async ValueTask InitializeAsync()
    {
        _connectionString = await Shop.SeededDatabaseAsync(database);
        _database = NpgsqlDataSource.Create(_connectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await database.DropAsync(_connectionString);
    }

    [Fact]
    public async Task Ten_thousand_promises_or_so_are_kept_once_each_while_workers_are_killed()
    {
        var orders = Rows / 2;   // each promises to be settled, and once paid a mail
        using var store = new StoreProcess(_connectionString);
        await store.StartAsync();
        await PlaceAsync(orders);
        var mail = Directory.CreateTempSubdirectory("retail-mail-").FullName;
        var workers = new List<(Process Worker, Uri Health)> { store.StartWorker($"--Mail:Folder={mail}"), store.StartWorker($"--Mail:Folder={mail}") };
        foreach (var (_, health) in workers) await UntilReadyAsync(health);

        var began = Stopwatch.GetTimestamp();
        await SqlAsync("UPDATE outbox SET due_at = now() WHERE status = 'Waiting'");
        for (var kill = 1; kill <= Kills; kill++)
        {
            await UntilAsync($"SELECT count(*) >= {Rows * kill / (Kills + 2)} FROM outbox WHERE status = 'Done'");
            var (victim, _) = workers[kill % 2];
            victim.Kill();
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            workers[kill % 2] = store.StartWorker($"--Mail:Folder={mail}");
        }
        await UntilAsync("SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE status = 'Waiting') AND NOT EXISTS (SELECT 1 FROM orders WHERE status <> 'Paid')");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Rows} rows, {Kills} kills: {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));

        Assert.Equal(orders, await CountAsync("orders WHERE status = 'Paid'"));
        Assert.Equal(orders, await CountAsync("simulator.payment_intents WHERE status = 'succeeded'"));
        Assert.Equal(orders, await CountAsync("(SELECT DISTINCT metadata ->> 'order_id' FROM simulator.payment_intents WHERE status = 'succeeded') charged"));
        Assert.Equal(orders, await CountAsync("notifications WHERE status = 'Sent' AND template = 'order-confirmation-v2'"));
        // An alert may have been mailed to the admin as well.
        Assert.Equal(orders, Directory.GetFiles(mail, "*.eml").Count(file => File.ReadLines(file).Any(line => line.StartsWith("To: order-", StringComparison.OrdinalIgnoreCase))));
        Assert.Equal(0, await CountAsync("outbox WHERE status = 'Dead'"));
        // Of the recurring jobs, no turn was taken twice.
        Assert.True(await CountAsync("job_runs WHERE key = ''") > 0);
        Assert.Equal(0, await CountAsync("(SELECT 1 FROM job_runs WHERE key = '' GROUP BY job, due_at HAVING count(*) > 1) twice"));
        Assert.Equal(0, await CountAsync("metric WHERE type = 'worker_resume_s' AND value > 60"));

        // One that is asked to stop does so in order: nobody need notice its death.
        await UntilReadyAsync(workers[0].Health);
        using (var stop = Process.Start("kill", ["-TERM", workers[0].Worker.Id.ToString(CultureInfo.InvariantCulture)])) await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        await workers[0].Worker.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(0, workers[0].Worker.ExitCode);
        Assert.Equal(0, await CountAsync($"workers WHERE node LIKE '%:{workers[0].Worker.Id}:%'"));
        Directory.Delete(mail, recursive: true);
    }

    private async Task PlaceAsync(int orders)
    {
        await SqlAsync("""
            WITH more AS (UPDATE stock_items SET on_hand = on_hand + 100000 RETURNING variant_id)
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) SELECT variant_id, 'Adjusted', 100000, 0, 'for this test', now() FROM more
            """);
        await using var core = await CoreHost.AttachAsync(_connectionString);
        var variant = await core.QueryAsync<Guid>("SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = 'tern-portable-radio' LIMIT 1");
        // No more at once than the intake lets wait.
        foreach (var some in Enumerable.Range(0, orders).Chunk(1000))
        {
            var placed = await Task.WhenAll(some.Select(i =>
                core.Intake.PlaceAsync(AdmissionTests.Order($"order-{i}", (variant, 1)) with { PaymentMethod = new("pm_card_visa", "visa", "4242") }, CancellationToken.None)));
            Assert.DoesNotContain(placed, p => !p.Ok);
        }
    }

    private static async Task UntilReadyAsync(Uri health)
    {
        using var client = new HttpClient { BaseAddress = health };
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync("/health/readiness", TestContext.Current.CancellationToken);
                var said = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode && said.GetProperty("checks").GetProperty("worker").GetString() == "ok") break;
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet.
            }
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2), "The worker is not ready after two minutes.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        using var alive = await client.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.True(alive.IsSuccessStatusCode);
        var measured = await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("\ndotnet_gc_collections_total", measured, StringComparison.Ordinal);
        Assert.Contains("\nretail_metrics_dropped_total 0", measured, StringComparison.Ordinal);
    }

    private async Task UntilAsync(string isSo)
    {
        var began = Stopwatch.GetTimestamp();
        var longest = TimeSpan.FromSeconds(120 + Rows / 10);
        while (!await AskAsync<bool>(isSo))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < longest, $"Still not so after {longest}: {isSo}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task<long> CountAsync(string of) => AskAsync<long>($"SELECT count(*) FROM {of}");

    private async Task<T> AskAsync<T>(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task SqlAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
