using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Flags;
using Retail.Core.Inventory.Seeding;
using Retail.Core.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>Whatever happens to a batch, nobody is told 'accepted' without a row.</summary>
public sealed class BatchFailureTests(TestDatabase database) : IAsyncLifetime
{
    private CoreHost _store = null!;
    private Guid _mug;

    public async ValueTask InitializeAsync()
    {
        _store = await CoreHost.StartAsync(database);
        _mug = await _store.HasProductAsync("Mug", 100_000);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory, InlineData("40P01"), InlineData("40001")]
    public async Task A_deadlock_or_a_serialization_failure_is_tried_again(string state)
    {
        await FailAsync(state, "nextval('failures') <= 2");
        var answer = await PlaceAsync("k");
        Assert.True(answer.Ok);
        Assert.Equal(1L, await _store.QueryAsync<long>("SELECT count(*) FROM orders"));
        Assert.Equal(3L, await _store.QueryAsync<long>("SELECT last_value FROM failures"));
    }

    [Fact]
    public async Task After_three_tries_each_caller_hears_it_and_nothing_is_kept()
    {
        await FailAsync("40P01", "nextval('failures') > 0");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PlaceAsync($"k{i}")));
        Assert.All(answers, a => Assert.Equal("not_taken", a.Error?.Code));
        Assert.Equal(0L, await _store.QueryAsync<long>("SELECT count(*) FROM orders"));
        Assert.Equal(0L, await _store.QueryAsync<long>("SELECT sum(reserved) FROM stock_items"));

        await _store.QueryAsync<object>("ALTER TABLE orders DISABLE TRIGGER fails; SELECT ''");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PlaceAsync($"k{i}"))), a => Assert.True(a.Ok));
    }

    [Fact]
    public async Task A_connection_killed_in_the_middle_loses_and_invents_no_order()
    {
        using var stop = new CancellationTokenSource();
        var killed = 0;
        var killing = KillAsync(() => Interlocked.Increment(ref killed), stop.Token);
        var answers = new List<(string Key, ServiceResult<AcceptedOrder> Answer)>();
        // However fast the machine is: until some batches were hit.
        for (var round = 0; round < 30 || (Volatile.Read(ref killed) < 3 && round < 600); round++)
        {
            var keys = Enumerable.Range(0, 50).Select(i => $"r{round}-{i}").ToList();
            answers.AddRange(keys.Zip(await Task.WhenAll(keys.Select(PlaceAsync))));
        }
        await stop.CancelAsync();
        await killing;
        Assert.True(killed > 0, "No connection was killed: the test showed nothing.");

        var rows = await KeysAsync();
        Assert.All(answers.Where(a => a.Answer.Ok), a => Assert.Equal(a.Answer.Value.Id, rows[a.Key]));
        Assert.All(answers.Where(a => !a.Answer.Ok), a => Assert.Equal("not_taken", a.Answer.Error!.Code));
        Assert.Equal(rows.Count, await _store.QueryAsync<int>("SELECT sum(reserved)::int FROM stock_items"));
        // Who heard of a failure asks again with the same key, and there is still one order for each.
        foreach (var (key, _) in answers.Where(a => !a.Answer.Ok)) Assert.True((await PlaceAsync(key)).Ok);
        Assert.Equal(answers.Count, (await KeysAsync()).Count);
    }

    [Fact]
    public async Task The_flag_decides_whether_orders_share_a_commit()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PlaceAsync($"on-{i}")));
        var shared = await _store.QueryAsync<long>("SELECT count(DISTINCT xmin::text) FROM orders");
        Assert.InRange(shared, 1, 60);

        _store.Services.GetRequiredService<FeatureFlags>().Set(FeatureFlag.Orders, false);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PlaceAsync($"off-{i}")));
        Assert.Equal(shared + 20, await _store.QueryAsync<long>("SELECT count(DISTINCT xmin::text) FROM orders"));
    }

    [Fact]
    public async Task No_batch_reads_the_whole_table_of_orders_whatever_the_statistics_say()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PlaceAsync($"few-{i}")));
        await _store.QueryAsync<object>("ANALYZE orders; SELECT ''");
        for (var i = 0; i < 30; i++) Assert.True((await PlaceAsync($"many-{i}")).Ok);
        await Task.Delay(1100, TestContext.Current.CancellationToken);   // a connection reports what it did once a second
        await PlaceAsync("last");
        var scans = await _store.QueryAsync<long>("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'orders'");
        Assert.True(await _store.QueryAsync<long>("SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 'orders'") > 0);
        Assert.InRange(scans, 0, 10);
    }

    [Fact]
    public async Task No_batch_reads_the_catalogue_however_it_has_grown_since_the_plans_were_made()
    {
        // With statistics of a shop that has one product; past the fifth time a statement is prepared, and keeps its plan.
        await _store.QueryAsync<object>("ANALYZE; ALTER TABLE variants SET (autovacuum_enabled = off); SELECT ''");
        for (var i = 0; i < 10; i++) Assert.True((await PlaceAsync($"young-{i}")).Ok);
        var seeder = _store.Services.GetRequiredService<CatalogSeeder>();
        await seeder.PopulateAsync(TestContext.Current.CancellationToken);
        await seeder.GenerateAsync(1000, new Progress<int>(), TestContext.Current.CancellationToken);
        await PlaceAsync("grown");
        // Others read the catalogue, too: the model, when it has changed. Each connection reports what it read once a second at most.
        var (before, now) = (-1L, await ReadOfVariantsAsync());
        for (var tries = 0; tries < 10 && now - before > 50; tries++) (before, now) = (now, await ReadOfVariantsAsync());
        for (var i = 0; i < 20; i++) Assert.True((await PlaceAsync($"old-{i}")).Ok);
        Assert.InRange(await ReadOfVariantsAsync() - now, 1, 500);

        async Task<long> ReadOfVariantsAsync()
        {
            await Task.Delay(1500, TestContext.Current.CancellationToken);
            await PlaceAsync($"report-{Guid.CreateVersion7():N}");
            return await _store.QueryAsync<long>("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'variants'");
        }
    }

    private Task<ServiceResult<AcceptedOrder>> PlaceAsync(string key) => _store.Intake.PlaceAsync(AdmissionTests.Order(key, (_mug, 1)), CancellationToken.None);

    private Task<object> FailAsync(string state, string when) => _store.QueryAsync<object>($"""
        CREATE SEQUENCE failures;
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN RAISE EXCEPTION 'planted' USING ERRCODE = '{state}'; END IF; RETURN NULL; END $$;
        CREATE TRIGGER fails BEFORE INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION fail();
        SELECT ''
        """);

    private async Task KillAsync(Action hit, CancellationToken stop)
    {
        await using var other = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_store.ConnectionString) { ApplicationName = "killer", Pooling = false });
        while (!stop.IsCancellationRequested)
        {
            await using var kill = other.CreateCommand(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'retail' AND state <> 'idle' AND query ~ '(orders|stock_items|COMMIT)'");
            if ((long)(await kill.ExecuteScalarAsync(CancellationToken.None))! > 0) hit();
            await Task.Delay(Random.Shared.Next(5, 60), CancellationToken.None);
        }
    }

    private async Task<Dictionary<string, Guid>> KeysAsync()
    {
        await using var command = _store.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT idempotency_key, id FROM orders");
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new Dictionary<string, Guid>();
        while (await reader.ReadAsync()) keys.Add(reader.GetString(0), reader.GetGuid(1));
        return keys;
    }
}
