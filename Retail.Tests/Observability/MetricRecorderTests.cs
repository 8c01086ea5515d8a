using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Metrics;
using Xunit;

namespace Retail.Tests.Observability;

public sealed class MetricRecorderTests(RestartablePostgres postgres) : IClassFixture<RestartablePostgres>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_written_each_interval_with_node_and_release()
    {
        await using var source = await EmptyTableAsync();
        using var metrics = Recorder(source);
        await metrics.StartAsync(Ct);
        for (var i = 0; i < 5_000; i++) metrics.Record(MetricTypes.OrdersPerDay, 1, new { order = i, node = "not this one" });
        await EventuallyAsync("SELECT count(*) FROM metric", 5_000);
        Assert.Equal(1, await postgres.AskAsync<long>("SELECT count(DISTINCT metadata->>'node') FROM metric WHERE metadata->>'node' LIKE '%:%' AND metadata ? 'release'"));
        Assert.Equal(4_999, await postgres.AskAsync<int>("SELECT max((metadata->>'order')::int) FROM metric"));
        Assert.Equal(2, await postgres.AskAsync<long>("SELECT count(*) FROM pg_inherits WHERE inhparent = 'metric'::regclass"));   // today and tomorrow
        await metrics.StopAsync(Ct);
    }

    [Fact]
    public async Task Rows_carry_the_drill_that_runs()
    {
        await using var source = await EmptyTableAsync();
        using var metrics = Recorder(source);
        await metrics.StartAsync(Ct);
        var drill = Guid.CreateVersion7();
        await DrillAsync();
        metrics.Record(MetricTypes.OrdersPerDay, 1);
        await EventuallyAsync("SELECT count(*) FROM metric", 3);
        Assert.Equal(2, await postgres.AskAsync<long>($"SELECT count(*) FROM metric WHERE metadata->>'drill_id' = '{drill}' AND metadata ? 'node'"));
        await metrics.StopAsync(Ct);

        async Task DrillAsync()
        {
            DrillScope.Current = drill;
            metrics.Record(MetricTypes.OrdersPerDay, 1);
            await Task.Yield();
            metrics.Record(MetricTypes.OrdersPerDay, 1, new { total = 2 });
        }
    }

    [Fact]
    public async Task What_waits_when_the_host_stops_is_written()
    {
        await using var source = await EmptyTableAsync();
        using var metrics = Recorder(source, flushEvery: TimeSpan.FromMinutes(1));
        await metrics.StartAsync(Ct);
        await Task.Delay(50, Ct);
        metrics.Record(MetricTypes.OrdersPerDay, 1);
        metrics.Record(MetricTypes.RefundsPerDay, 1, new Dictionary<string, object?> { ["order"] = "R-1" });
        await metrics.StopAsync(Ct);
        Assert.Equal(2, await postgres.AskAsync<long>("SELECT count(*) FROM metric"));
    }

    [Fact]
    public async Task A_full_queue_drops_and_tells_how_many()
    {
        await using var source = await EmptyTableAsync();
        using var metrics = Recorder(source, capacity: 100);
        for (var i = 0; i < 150; i++) metrics.Record(MetricTypes.OrdersPerDay, 1);
        Assert.Equal(50, metrics.Dropped);
        await metrics.StartAsync(Ct);
        await EventuallyAsync("SELECT count(*) FROM metric", 101);
        Assert.Equal(50d, await postgres.AskAsync<double>("SELECT value FROM metric WHERE type = 'metrics_dropped'"));
        Assert.Equal(0, metrics.Dropped);
        await metrics.StopAsync(Ct);
    }

    [Fact]
    public async Task A_database_that_is_away_loses_nothing_that_fits()
    {
        await using var source = await EmptyTableAsync();
        using var metrics = Recorder(source, capacity: 1_000);
        await metrics.StartAsync(Ct);
        metrics.Record(MetricTypes.OrdersPerDay, 1);
        await EventuallyAsync("SELECT count(*) FROM metric", 1);
        await postgres.StopAsync();
        for (var i = 0; i < 500; i++) metrics.Record(MetricTypes.OrdersPerDay, 1);
        await Task.Delay(300, Ct);
        await postgres.StartAsync();
        await EventuallyAsync("SELECT count(*) FROM metric", 501);
        Assert.Equal(0, metrics.Dropped);
        await metrics.StopAsync(Ct);
    }

    [Fact]
    public async Task A_row_the_database_refuses_does_not_keep_the_others_back()
    {
        await using var source = await EmptyTableAsync();
        using var metrics = Recorder(source);
        for (var i = 0; i < 20; i++) metrics.Record(MetricTypes.OrdersPerDay, i, new { name = i == 7 ? "nul \0 character" : "fine" });
        await metrics.StartAsync(Ct);
        await EventuallyAsync("SELECT count(*) FROM metric WHERE type = 'orders_per_day'", 19);
        await EventuallyAsync("SELECT sum(value)::bigint FROM metric WHERE type = 'metrics_dropped'", 1);
        await metrics.StopAsync(Ct);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_the_partitions_together()
    {
        await using var source = await EmptyTableAsync();
        var nodes = Enumerable.Range(0, 8).Select(_ => Recorder(source)).ToList();
        foreach (var node in nodes)
        {
            node.Record(MetricTypes.OrdersPerDay, 1);
            await node.StartAsync(Ct);
        }
        await EventuallyAsync("SELECT count(*) FROM metric", 8);
        foreach (var node in nodes) { await node.StopAsync(Ct); node.Dispose(); }
    }

    [Fact]
    public async Task Requests_are_summed_by_route_with_their_errors_and_latencies()
    {
        await using var source = await EmptyTableAsync();
        await using (var host = await SmallHost.StartAsync(app => app.MapGet("/products/{slug}", (string slug) =>
            slug == "boom" ? throw new InvalidOperationException(slug) : slug), postgres.ConnectionString))
        {
            foreach (var path in (string[])["/products/cup", "/products/tea", "/products/boom", "/wp-admin"]) (await host.GetAsync(path)).Dispose();
            await host.StopAndReadAsync();
        }
        const string Products = "FROM metric WHERE type = 'http_requests' AND metadata->>'route' = '/products/{slug}' AND metadata->>'method' = 'GET'";
        Assert.Equal(3d, await postgres.AskAsync<double>($"SELECT sum(value) {Products}"));
        Assert.Equal(1L, await postgres.AskAsync<long>($"SELECT sum((metadata->>'errors_5xx')::int) {Products}"));
        Assert.Equal(3m, await postgres.AskAsync<decimal>($"SELECT sum(n.value::numeric) FROM (SELECT metadata {Products}) m, jsonb_each_text(metadata->'buckets') n"));
        Assert.Equal(1L, await postgres.AskAsync<long>("SELECT sum((metadata->>'errors_4xx')::int) FROM metric WHERE metadata->>'route' = '(none)'"));
    }

    private static MetricRecorder Recorder(NpgsqlDataSource source, int capacity = 10_000, TimeSpan? flushEvery = null) => new(
        source, Options.Create(new MetricsOptions { Capacity = capacity, FlushEvery = flushEvery ?? TimeSpan.FromMilliseconds(50) }),
        TimeProvider.System, NullLogger<MetricRecorder>.Instance);

    private async Task<NpgsqlDataSource> EmptyTableAsync()
    {
        await postgres.AskAsync<object>("DROP TABLE IF EXISTS metric; " + MetricTable.Sql);
        return NpgsqlDataSource.Create(postgres.ConnectionString);
    }

    private async Task EventuallyAsync(string sql, long expected)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(10);
        while (await postgres.AskAsync<long>(sql) != expected && TimeProvider.System.GetUtcNow() < deadline) await Task.Delay(20, Ct);
        Assert.Equal(expected, await postgres.AskAsync<long>(sql));
    }
}
