using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Data.Jobs;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Rollups;
using Retail.Core.Quality.Measures;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>Rows summed up by minute, hour and day: nothing lost, nothing twice, percentiles true, drills apart.</summary>
public sealed class RollupTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly DateTimeOffset Noon = new(Now.UtcDateTime.Date.AddDays(-1).AddHours(12), TimeSpan.Zero);

    private CoreHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private MetricRollup Rollup => _host.Services.GetRequiredService<MetricRollup>();

    public async ValueTask InitializeAsync() => _host = await CoreHost.StartAsync(database);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_day_is_the_sum_of_its_rows_however_often_it_is_rolled_up()
    {
        await RequestsAsync(Noon, "/products/", count: 90, errors: 0, bucket: 10);
        await RequestsAsync(Noon.AddSeconds(20), "/products/", count: 10, errors: 4, bucket: 50);
        await RequestsAsync(Noon.AddHours(3), "/cart", count: 100, errors: 6, bucket: 50);
        await RequestsAsync(Noon.AddHours(3), "/cart", count: 1000, errors: 1000, bucket: 90, drill: true);
        for (var run = 0; run < 2; run++) await RunAsync();
        Assert.Equal(200, await TotalAsync("Day", "http_requests"));
        Assert.Equal((long[])[90L, 110L], await BucketsAsync("Day", "http_requests", 10, 50));
        Assert.Equal(100, await _host.QueryAsync<double>("SELECT total FROM metric_rollup WHERE span = 'Day' AND type = 'http_requests' AND series = 'GET /cart' AND NOT is_drill"));
        Assert.Equal(2L, await _host.QueryAsync<long>("SELECT count(*) FROM metric_rollup WHERE span = 'Hour' AND type = 'http_requests' AND series = '' AND NOT is_drill"));
        Assert.Equal(5, await TotalAsync("Day", "error_rate"));
        Assert.Equal(10, await _host.QueryAsync<double>("SELECT (sums->>'part')::float8 FROM metric_rollup WHERE span = 'Day' AND type = 'error_rate' AND NOT is_drill"));
        Assert.Equal(100, await _host.QueryAsync<double>("SELECT total FROM metric_rollup WHERE span = 'Day' AND type = 'error_rate' AND is_drill"));
        Assert.Equal((long[])[90L, 110L], await BucketsAsync("Day", "avg_response_time", 10, 50));
    }

    [Fact]
    public async Task Rows_that_come_late_are_found()
    {
        await RequestsAsync(Noon, "/", count: 1, errors: 0, bucket: 1);
        await RunAsync();
        await RequestsAsync(Now, "/", count: 1, errors: 0, bucket: 1);
        await RunAsync();
        // Held while the database was away, and written by the recorder now.
        await using var connection = await _host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Ct);
        await RequestsAsync(Noon.AddMinutes(1), "/", count: 7, errors: 0, bucket: 1);
        await RunAsync();
        Assert.Equal(1, await DayBeforeAsync());
        await MetricTable.MarkLateAsync(connection, [Noon.AddMinutes(1).AddSeconds(3)], Ct);
        await RunAsync();
        Assert.Equal(8, await DayBeforeAsync());
        Assert.Equal(0L, await _host.QueryAsync<long>("SELECT count(*) FROM metric_late"));

        Task<double> DayBeforeAsync() => _host.QueryAsync<double>(
            $"SELECT total FROM metric_rollup WHERE span = 'Day' AND type = 'http_requests' AND series = '' AND starts_at = '{Noon:yyyy-MM-dd}'::timestamp AT TIME ZONE 'UTC'");
    }

    [Fact]
    public async Task Single_times_get_the_same_buckets_as_the_program_gives_them()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var time = TimeSpan.FromTicks((long)Math.Pow(10, random.NextDouble() * 9.5));
            var bucket = await _host.QueryAsync<int>(FormattableString.Invariant($"SELECT metric_bucket({time.TotalMilliseconds}::float8)"));
            Assert.True(bucket == LatencyHistogram.IndexOf(time), $"{time.TotalMilliseconds} ms is in {bucket}, not in {LatencyHistogram.IndexOf(time)}.");
        }
        await WriteAsync(Noon, "payment_attempt", 20, """{"outcome":"paid"}""");
        await WriteAsync(Noon, "payment_attempt", 20, """{"outcome":"declined"}""");
        await RunAsync();
        Assert.Equal((long[])[2L], await BucketsAsync("Day", "payment_attempt", LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(20))));
        Assert.Equal(1, await _host.QueryAsync<double>("SELECT weight FROM metric_rollup WHERE span = 'Day' AND type = 'payment_attempt' AND series = 'paid'"));
    }

    [Fact]
    public async Task A_mean_weighs_what_it_is_the_mean_of()
    {
        await WriteAsync(Noon, "order_accept_ms", 10, """{"outcome":"accepted","count":9,"buckets":{"59":9}}""");
        await WriteAsync(Noon.AddMinutes(5), "order_accept_ms", 110, """{"outcome":"accepted","count":1,"buckets":{"86":1}}""");
        await RunAsync();
        Assert.Equal(20, await _host.QueryAsync<double>("SELECT weighted / weight FROM metric_rollup WHERE span = 'Day' AND type = 'order_accept_ms' AND series = ''"));
    }

    [Fact]
    public async Task Old_days_are_dropped_whole_and_their_roll_ups_stay()
    {
        var old = Now.AddDays(-91);
        await WriteAsync(old, "orders_per_day", 3, "{}");
        await WriteAsync(Now.AddDays(-89), "orders_per_day", 4, "{}");
        await RunAsync();
        foreach (var job in (string[])["drop-old-metrics", "drop-old-metrics"]) await JobAsync(job);
        Assert.Equal(4d, await _host.QueryAsync<double>("SELECT sum(value) FROM metric WHERE type = 'orders_per_day'"));
        Assert.False(await _host.QueryAsync<bool>($"SELECT to_regclass('{MetricTable.PartitionOf(DateOnly.FromDateTime(old.UtcDateTime))}') IS NOT NULL"));
        Assert.Equal(7d, await _host.QueryAsync<double>("SELECT sum(total) FROM metric_rollup WHERE span = 'Day' AND type = 'orders_per_day'"));
        Assert.Equal(0L, await _host.QueryAsync<long>("SELECT count(*) FROM metric_rollup WHERE span = 'Minute' AND starts_at < now() - interval '9 days'"));
    }

    // As the worker runs it.
    private Task RunAsync() => JobAsync(RollUpMetrics.Definition.Name);

    private async Task JobAsync(string name)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        await _host.Services.GetServices<RegisteredJob>().Single(j => j.Definition.Name == name).RunAsync(scope.ServiceProvider, "{}", Ct);
    }

    private Task RequestsAsync(DateTimeOffset at, string route, int count, int errors, int bucket, bool drill = false) => WriteAsync(at, "http_requests", count, FormattableString.Invariant(
        $$"""{"route":"{{route}}","method":"GET","seconds":10,"errors_4xx":0,"errors_5xx":{{errors}},"total_ms":{{count * 2.5}},"queries":{{count}},"queries_max":3,"buckets":{"{{bucket}}":{{count}}}{{(drill ? ",\"drill_id\":\"x\"" : "")}}}"""));

    private async Task WriteAsync(DateTimeOffset at, string type, double value, string metadata)
    {
        await using var connection = await _host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Ct);
        await MetricTable.EnsurePartitionAsync(connection, DateOnly.FromDateTime(at.UtcDateTime), Ct);
        await using var insert = new NpgsqlCommand("INSERT INTO metric (type, value, metadata, timestamp) VALUES ($1, $2, $3::jsonb, $4)", connection)
        { Parameters = { new() { Value = type }, new() { Value = value }, new() { Value = metadata }, new() { Value = at } } };
        await insert.ExecuteNonQueryAsync(Ct);
    }

    private Task<double> TotalAsync(string span, string type) =>
        _host.QueryAsync<double>($"SELECT total FROM metric_rollup WHERE span = '{span}' AND type = '{type}' AND series = '' AND NOT is_drill");

    private async Task<long[]> BucketsAsync(string span, string type, params int[] buckets)
    {
        var counts = new List<long>();
        foreach (var bucket in buckets)
            counts.Add(await _host.QueryAsync<long>($"SELECT (buckets->>'{bucket}')::bigint FROM metric_rollup WHERE span = '{span}' AND type = '{type}' AND series = '' AND NOT is_drill"));
        return [.. counts];
    }
}
