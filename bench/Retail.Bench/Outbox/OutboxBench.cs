using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Retail.Core;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;
using Retail.Core.Jobs;

namespace Retail.Bench.Outbox;

/// <summary>When each key was begun.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _waiting = new();

    public void Begin(string key)
    {
        if (_waiting.TryGetValue(key, out var waiting)) waiting.TrySetResult(Stopwatch.GetTimestamp());
    }

    public Task<long> Of(string key) => _waiting.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}

/// <summary>Does nothing: what is measured is the way to it.</summary>
internal sealed class NothingHandler(Arrivals arrivals) : IOutboxHandler
{
    public const string Name = "nothing";

    public string Kind => Name;

    public int AtOnce => 16;

    public Task HandleAsync(string key, CancellationToken ct)
    {
        arrivals.Begin(key);
        return Task.CompletedTask;
    }
}

internal sealed record Nothing(string Key);

internal sealed class NothingJob(Arrivals arrivals) : IJob<Nothing>
{
    public static readonly JobDefinition Definition = new("nothing") { Purpose = "Does nothing." };

    public Task RunAsync(Nothing args, CancellationToken ct)
    {
        arrivals.Begin(args.Key);
        return Task.CompletedTask;
    }
}

/// <summary>How many promises a second one worker keeps, beside a plain drain of the same rows in the same run, and how soon it begins when it has nothing else to do.</summary>
internal sealed class OutboxBench(string connectionString, NpgsqlDataSource database, int rows)
{
    private const double ShareGoal = 0.5, LatencyGoalMs = 100;
    private const int Rounds = 3, Calls = 200;
    private static readonly int[] Batches = [50, 200, 500];

    // What the goal is a half of: the batch at which a drain was measured when it was set.
    private const int CeilingBatch = 200;

    private readonly Arrivals _arrivals = new();
    private bool _missed;

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        using var logs = LoggerFactory.Create(_ => { });
        await using var cluster = await PostgresCluster.StartAsync(new() { DataFolder = folder }, logs.CreateLogger("bench"), CancellationToken.None);
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionString);
        var rows = options.FirstOrDefault(o => int.TryParse(o, out _)) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 20_000;
        return await new OutboxBench(cluster.ConnectionString, database, rows).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        using var caller = Host(worker: false);
        await caller.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        foreach (var setting in new[] { "fsync", "synchronous_commit" }) Console.WriteLine($"{setting} = {await AskAsync<string>($"SHOW {setting}")}");
        Console.WriteLine($"{Environment.ProcessorCount} cores, {rows} rows, medians of {Rounds}\n");
        var plain = new Dictionary<int, List<double>>();
        var relay = new List<double>();
        await RelayAsync(rows / 4);   // warm
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var batch in Batches) plain.TryAdd(batch, []);
            foreach (var batch in Batches) plain[batch].Add(await PlainAsync(batch));
            relay.Add(await RelayAsync(rows));
        }
        foreach (var batch in Batches) Console.WriteLine($"  {$"plain SKIP LOCKED drain, {batch} a commit",-46}{Median(plain[batch]),8:0}/s");
        var (ceiling, best, kept) = (Median(plain[CeilingBatch]), plain.Values.Max(Median), Median(relay));
        Console.WriteLine($"  {"the relay: leases, handlers, back-off, metrics",-46}{kept,8:0}/s");
        Console.WriteLine($"  {kept / best:P0} of the best drain");
        Judge($"{kept / ceiling:P0} of the drain of {CeilingBatch} a commit", kept >= ceiling * ShareGoal, $"{ShareGoal:P0}");
        await IdleAsync(caller.Services.GetRequiredService<IJobQueue>());
        return _missed ? 1 : 0;
    }

    private async Task<double> PlainAsync(int batch)
    {
        await FillAsync("plain", rows);
        var began = Stopwatch.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync();
        for (var done = 0; done < rows;)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var take = new NpgsqlCommand("SELECT id FROM outbox WHERE kind = 'plain' AND status = 'Waiting' AND due_at <= now() ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED", connection) { Parameters = { new() { Value = batch } } };
            var ids = new List<long>();
            await using (var reader = await take.ExecuteReaderAsync())
                while (await reader.ReadAsync()) ids.Add(reader.GetInt64(0));
            await using var close = new NpgsqlCommand("UPDATE outbox SET status = 'Done', finished_at = now() WHERE id = ANY($1)", connection) { Parameters = { new() { Value = ids } } };
            done += await close.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }
        return rows / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private async Task<double> RelayAsync(int count)
    {
        await FillAsync(NothingHandler.Name, count);
        using var worker = Host(worker: true);
        var began = Stopwatch.GetTimestamp();
        await worker.StartAsync();
        while (await AskAsync<bool>($"SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = '{NothingHandler.Name}' AND status = 'Waiting')")) await Task.Delay(20);
        // From the first that was begun to the last that was closed: a worker's start is no part of it.
        var seconds = await AskAsync<double>("SELECT extract(epoch FROM max(finished_at) - min(started_at))::float8 FROM outbox");
        await worker.StopAsync();
        return count / Math.Max(seconds, 0.001);
    }

    private async Task IdleAsync(IJobQueue queue)
    {
        await FillAsync("none", 0);
        using var worker = Host(worker: true);
        await worker.StartAsync();
        await Task.Delay(3000);
        var (promises, jobs) = (new List<double>(), new List<double>());
        for (var i = 0; i < Calls; i++)
        {
            var (key, began) = ($"idle-{i}", Stopwatch.GetTimestamp());
            var arrived = _arrivals.Of(key);
            await using (var insert = database.CreateCommand($"INSERT INTO outbox (kind, key, status, created_at, due_at, tries) VALUES ('{NothingHandler.Name}', '{key}', 'Waiting', now(), now(), 0)")) await insert.ExecuteNonQueryAsync();
            promises.Add(Stopwatch.GetElapsedTime(began, await arrived).TotalMilliseconds);
            await Task.Delay(10);
        }
        for (var i = 0; i < Calls / 2; i++)
        {
            var (key, began) = ($"job-{i}", Stopwatch.GetTimestamp());
            var arrived = _arrivals.Of(key);
            await queue.EnqueueAsync("nothing", key, new Nothing(key), CancellationToken.None);
            jobs.Add(Stopwatch.GetElapsedTime(began, await arrived).TotalMilliseconds);
            await Task.Delay(10);
        }
        await worker.StopAsync();
        foreach (var (name, times) in new[] { ("a promise, from its insert to its handler, idle", promises), ("a job, from asking to its first line, idle", jobs) })
        {
            times.Sort();
            Console.WriteLine($"\n  {name,-46}p50 {times[times.Count / 2]:0.0} ms  p99 {times[times.Count * 99 / 100]:0.0} ms");
            Judge($"p50 {times[times.Count / 2]:0.0} ms", times[times.Count / 2] < LatencyGoalMs, $"below {LatencyGoalMs:0} ms");
        }
    }

    private IHost Host(bool worker)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = Environments.Development });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddRetailCore(connectionString).AddSingleton(_arrivals).AddScoped<IOutboxHandler, NothingHandler>().AddJob<NothingJob, Nothing>(NothingJob.Definition);
        if (worker) builder.Services.AddWorker();
        return builder.Build();
    }

    private async Task FillAsync(string kind, int count)
    {
        foreach (var sql in new[]
        {
            "TRUNCATE outbox",
            $"INSERT INTO outbox (kind, key, status, created_at, due_at, tries) SELECT '{kind}', i::text, 'Waiting', now(), now(), 0 FROM generate_series(1, {count}) i",
            "VACUUM ANALYZE outbox",
            "CHECKPOINT",
        })
        {
            await using var command = database.CreateCommand(sql);
            command.CommandTimeout = 600;
            await command.ExecuteNonQueryAsync();
        }
    }

    private async Task<T> AskAsync<T>(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private void Judge(string what, bool isMet, string goal)
    {
        _missed |= !isMet;
        Console.WriteLine($"  {(isMet ? "ok" : "MISSED")}: {what}, goal {goal}");
    }
}
