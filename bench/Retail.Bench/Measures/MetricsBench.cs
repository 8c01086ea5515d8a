using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Npgsql;
using Retail.Core;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Rollups;
using Retail.Core.Quality.Measures;

namespace Retail.Bench.Measures;

/// <summary>
/// Ninety days of metric rows, made in the database, and how long everything that reads them takes. One day is rolled up as the worker
/// does it; the roll-ups of the other days are copies of that day's, since they have the same shape.
/// </summary>
internal static class MetricsBench
{
    private const int Days = 90, Runs = 20, Routes = 40;
    private const double Goal = 100;

    // Six rows of seven are sums of requests, as in a real store; the others are events and times.
    private const string OneDay = """
        INSERT INTO metric (type, value, metadata, timestamp)
        SELECT CASE i % 28 WHEN 0 THEN 'orders_per_day' WHEN 7 THEN 'payment_attempt' WHEN 14 THEN 'order_accept_ms' WHEN 21 THEN 'service_call' ELSE 'http_requests' END,
            CASE i % 28 WHEN 7 THEN 20 + random() * 80 WHEN 14 THEN 4 + random() * 10 ELSE 1 + (random() * 40)::int END,
            (CASE i % 28
                WHEN 0 THEN '{"total":123.45,"currency":"USD"}'
                WHEN 7 THEN '{"outcome":"' || (ARRAY['paid', 'paid', 'paid', 'declined'])[1 + i / 28 % 4] || '","circuit":"CLOSED"}'
                WHEN 14 THEN '{"outcome":"accepted","count":3,"buckets":{"' || 50 + i % 20 || '":2,"' || 71 + i % 9 || '":1}}'
                WHEN 21 THEN '{"method":"CartService.Add","refused":1,"failed":0,"total_ms":31.5,"buckets":{"' || 40 + i % 30 || '":9}}'
                ELSE '{"route":"/route-' || i % $3 || '","method":"GET","seconds":10,"errors_4xx":' || (i % 50 = 3)::int || ',"errors_5xx":0,"total_ms":88.412,"queries":3,"queries_max":1,"without_queries":20,"buckets":{"'
                    || 20 + i % 7 || '":11,"' || 30 + i % 11 || '":8,"' || 45 + i % 13 || '":3}}' END
                || '')::jsonb || '{"node":"web-1:812","release":"0.1.0"}',
            $1 + i * (interval '1 day' / $2)
        FROM generate_series(0, $2 - 1) i
        """;

    private const string CopyDay = """
        INSERT INTO metric_rollup (span, type, series, is_drill, starts_at, samples, total, weight, weighted, least, most, latest, sums, buckets)
        SELECT span, type, series, is_drill, starts_at - $1, samples, total, weight, weighted, least, most, latest, sums, buckets FROM metric_rollup
        WHERE starts_at >= $2 AND starts_at < $2 + interval '1 day' AND (span <> 'Minute' OR $1 < interval '8 days')
        ON CONFLICT DO NOTHING
        """;

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        var rows = options.Length > 0 ? long.Parse(options[0].Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : 5_000_000;
        using var logs = LoggerFactory.Create(_ => { });
        await using var cluster = await PostgresCluster.StartAsync(new() { DataFolder = folder }, logs.CreateLogger("bench"), CancellationToken.None);
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = Environments.Development });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        // One command, made of many: half an hour for a day of a large table.
        builder.Services.AddRetailCore(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { CommandTimeout = 3600 }.ConnectionString);
        using var host = builder.Build();
        await host.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        await GenerateAsync(database, rows);
        await RollUpAsync(host.Services, database);
        return await ReadAsync(host.Services) ? 0 : 1;
    }

    private static DateTimeOffset Today => new(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);

    private static async Task GenerateAsync(NpgsqlDataSource database, long rows)
    {
        var (began, perDay) = (Stopwatch.GetTimestamp(), (int)(rows / Days));
        await RunAsync(database, "SET synchronous_commit = off");
        for (var day = 0; day < Days; day++)
        {
            var from = Today.AddDays(day - Days);
            await using (var connection = await database.OpenConnectionAsync()) await MetricTable.EnsurePartitionAsync(connection, DateOnly.FromDateTime(from.UtcDateTime), CancellationToken.None);
            await RunAsync(database, OneDay, from, perDay, Routes);
            if (day % 10 == 9) Console.WriteLine($"  {(day + 1L) * perDay:N0} rows after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        }
        await RunAsync(database, "ANALYZE metric");
        Console.WriteLine($"{(long)perDay * Days:N0} rows in {Days} partitions, {await AskAsync<string>(database, "SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits WHERE inhparent = 'metric'::regclass")}");
    }

    private static async Task RollUpAsync(IServiceProvider services, NpgsqlDataSource database)
    {
        var (rollup, rates, yesterday) = (services.GetRequiredService<MetricRollup>(), services.GetRequiredService<MetricRates>(), Today.AddDays(-1));
        var began = Stopwatch.GetTimestamp();
        for (var hour = 0; hour < 24; hour++) await rollup.RollAsync(yesterday.AddHours(hour), yesterday.AddHours(hour + 1), CancellationToken.None);
        await rates.RunAsync(yesterday, CancellationToken.None);
        Console.WriteLine($"a day rolled up hour by hour: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        began = Stopwatch.GetTimestamp();
        await rollup.RollAsync(yesterday.AddHours(23.95), yesterday.AddHours(24), CancellationToken.None);
        Console.WriteLine($"the last three minutes, as each half minute: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        for (var day = 1; day < Days; day++) await RunAsync(database, CopyDay, TimeSpan.FromDays(day), yesterday);
        await RunAsync(database, "VACUUM ANALYZE metric_rollup");
        Console.WriteLine($"{await AskAsync<long>(database, "SELECT count(*) FROM metric_rollup"):N0} roll-ups, {await AskAsync<string>(database, "SELECT pg_size_pretty(pg_total_relation_size('metric_rollup'))")}");
    }

    private static async Task<bool> ReadAsync(IServiceProvider services)
    {
        var (dashboard, rollups, rows, to) = (services.GetRequiredService<DashboardReader>(), services.GetRequiredService<RollupReader>(), services.GetRequiredService<MetricRowQueries>(), Today);
        var reads = new List<(string Name, bool IsChart, Func<Task> Read)>
        {
            ("error rate and response time, 90 days", true, () => rollups.ReadAsync(["avg_response_time", "error_rate"], RollupSpan.Day, to.AddDays(-90), to, default)),
            ("the same, 30 days by the hour", true, () => rollups.ReadAsync(["avg_response_time", "error_rate"], RollupSpan.Hour, to.AddDays(-30), to, default)),
            ("the same, a day by the minute", true, () => rollups.ReadAsync(["avg_response_time", "error_rate"], RollupSpan.Minute, to.AddDays(-1), to, default)),
            ($"requests of each of {Routes} routes, 90 days", true, () => rollups.BySeriesAsync("http_requests", RollupSpan.Day, to.AddDays(-90), to, default)),
            ("metric rows, newest page", false, () => rows.ListAsync(new("", null, null, "", null), 1, default)),
            ("metric rows of one type on one day", false, () => rows.ListAsync(new("payment_attempt", to.AddDays(-40), to.AddDays(-39), "", null), 1, default)),
        };
        foreach (var type in typeof(MetricTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!))
            if (type is "orders_per_day" or "payment_attempt" or "order_accept_ms" or "service_call" or "http_requests")
                reads.Insert(0, ($"{type}, 90 days", true, () => rollups.ReadAsync([type], RollupSpan.Day, to.AddDays(-90), to, default)));
        foreach (var days in (int[])[1, 7, 30, 90]) reads.Add(($"the whole dashboard, {days} days", false, () => dashboard.ReadAsync(days, default)));
        var held = true;
        Console.WriteLine($"{"what",-48} {"median",9} {"slowest",9}   of {Runs}, ms");
        foreach (var (name, isChart, read) in reads)
        {
            await read();   // the first is the compiler's
            var times = new List<double>();
            for (var run = 0; run < Runs; run++)
            {
                var began = Stopwatch.GetTimestamp();
                await read();
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            times.Sort();
            var missed = isChart && times[Runs / 2] > Goal;
            held &= !missed;
            Console.WriteLine($"{name,-48} {times[Runs / 2],9:0.0} {times[^1],9:0.0}   {(missed ? $"over {Goal} ms" : "")}");
        }
        return held;
    }

    private static async Task RunAsync(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> AskAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
