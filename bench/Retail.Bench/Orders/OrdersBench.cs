using System.Diagnostics;
using System.Globalization;
using Retail.Core.Flags;

namespace Retail.Bench.Orders;

/// <summary>How many orders a second the intake accepts, beside the ceiling and the classic path, in one run on one machine.</summary>
internal sealed class OrdersBench(BenchStore store, TimeSpan time, bool million)
{
    private const double HalfRateGoalMs = 50, MillionGoal = 0.9;
    private static readonly int[] Crowds = [64, 256], Pools = [2, 8, 16];
    private int _run;
    private bool _missed;

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        await using var store = await BenchStore.StartAsync(folder);
        var seconds = options.FirstOrDefault(o => int.TryParse(o, out _)) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 4;
        return await new OrdersBench(store, TimeSpan.FromSeconds(seconds), options.Contains("--million")).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        foreach (var setting in new[] { "fsync", "synchronous_commit" }) Console.WriteLine($"{setting} = {await store.AskAsync<string>($"SHOW {setting}")}");
        Console.WriteLine($"{Environment.ProcessorCount} cores, {time.TotalSeconds:0} s a line");
        var rates = new Dictionary<(int, int), double>();
        foreach (var items in new[] { 1, store.Variants.Length })
        {
            Console.WriteLine($"\n{items} variant(s)");
            await store.EmptyAsync();
            Console.WriteLine($"  {"ceiling: plain inserts, 300 orders a commit",-50}{await CeilingAsync(items)}");
            foreach (var crowd in Crowds) rates[(items, crowd)] = await CompareAsync(items, crowd);
            await HalfRateAsync(items, Crowds.Max(crowd => rates[(items, crowd)]));
        }
        if (million) await MillionAsync(rates);
        return _missed ? 1 : 0;
    }

    private async Task<double> CompareAsync(int items, int crowd)
    {
        var classic = 0.0;
        foreach (var pool in Pools)
        {
            await using var path = new ClassicPath(store.ConnectionString, pool);
            var measured = await LineAsync($"classic, pool {pool}", crowd, items, path.PlaceAsync);
            classic = Math.Max(classic, measured.Rate);
        }
        store.Flags.Set(FeatureFlag.Orders, false);
        await LineAsync("intake, a commit an order (flag off)", crowd, items, PlaceAsync);
        store.Flags.Set(FeatureFlag.Orders, true);
        var group = await LineAsync("intake, group commit", crowd, items, PlaceAsync);
        var goal = items == 1 ? 10 : crowd == 64 ? 2.5 : 4;
        Judge($"{group.Rate / classic:0.0} times the best classic", group.Rate / classic >= goal, $"{goal} times");
        return group.Rate;
    }

    private async Task HalfRateAsync(int items, double best)
    {
        await store.EmptyAsync();
        var half = await Load.OpenAsync(best / 2, time, number => PlaceAsync(Key(number), Variant(number, items)));
        Console.WriteLine($"  {"intake, orders come at half of the best rate",-50}{half}");
        Judge($"p99 {half.P99:0.0} ms", half.P99 < HalfRateGoalMs, $"below {HalfRateGoalMs:0} ms");
    }

    private async Task MillionAsync(Dictionary<(int Items, int Crowd), double> without)
    {
        await store.EmptyAsync();
        await store.FillAsync(1_000_000);
        Console.WriteLine("\nWith 1,000,000 orders in the table");
        foreach (var ((items, crowd), rate) in without)
        {
            _run++;
            await store.RunAsync("CHECKPOINT");
            var full = await Load.ClosedAsync(crowd, time, number => PlaceAsync(Key(number), Variant(number, items)));
            Console.WriteLine($"  {$"{items} variant(s), {crowd} callers",-50}{full}");
            Judge($"{full.Rate / rate:P0} of the empty table's rate", full.Rate >= rate * MillionGoal, $"{MillionGoal:P0}");
        }
    }

    private async Task<Measured> LineAsync(string name, int crowd, int items, Func<string, Guid, Task<bool>> place)
    {
        await store.EmptyAsync();
        _run++;
        var measured = await Load.ClosedAsync(crowd, time, number => place(Key(number), Variant(number, items)));
        Console.WriteLine($"  {$"{crowd} callers: {name}",-50}{measured}");
        return measured;
    }

    private async Task<Measured> CeilingAsync(int items)
    {
        const int batch = 300;
        await using var connection = await store.Database.OpenConnectionAsync();
        var sql = PlainRows.Sql(batch, "Placed", items);
        var (clock, batches) = (Stopwatch.StartNew(), 0);
        for (; clock.Elapsed < time; batches++)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
        return new(batches * batch / clock.Elapsed.TotalSeconds, clock.Elapsed.TotalMilliseconds / batches, 0, 0);
    }

    private async Task<bool> PlaceAsync(string key, Guid variant) => (await store.Intake.PlaceAsync(BenchStore.Request(key, variant), CancellationToken.None)).Ok;

    private string Key(int number) => $"bench-{_run}-{number}";

    private Guid Variant(int number, int items) => store.Variants[number % items];

    private void Judge(string what, bool reached, string goal)
    {
        _missed |= !reached;
        Console.WriteLine($"    {(reached ? "reached" : "MISSED "),-10}{what} (goal: {goal})");
    }
}
