using System.Globalization;
using Retail.Core.Flags;

namespace Retail.Bench.Orders;

/// <summary>
/// How many orders a second the intake accepts, beside the ceiling and the classic path, in one run on one machine. What is compared
/// takes turns, round by round, and the medians count, so that a machine's moods meet all alike.
/// </summary>
internal sealed class OrdersBench(BenchStore store, TimeSpan time, int rounds, bool million)
{
    private const double HalfRateGoalMs = 50, MillionGoal = 0.9;
    private static readonly int[] Crowds = [64, 256], Pools = [2, 8, 16];

    // What group commit reached over the classic path in the prototype that the design rests on, and what the store is to reach.
    private static readonly Dictionary<(bool Hot, int Crowd), (double Prototype, double Goal)> Shares = new()
    {
        [(true, 64)] = (12.8, 10),
        [(true, 256)] = (15.0, 10),
        [(false, 64)] = (2.7, 2.5),
        [(false, 256)] = (4.2, 4),
    };

    private int _run;
    private bool _missed;

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        await using var store = await BenchStore.StartAsync(folder);
        var numbers = options.Where(o => int.TryParse(o, out _)).Select(o => int.Parse(o, CultureInfo.InvariantCulture)).ToList();
        return await new OrdersBench(store, TimeSpan.FromSeconds(numbers.ElementAtOrDefault(0) is > 0 and var s ? s : 4), numbers.ElementAtOrDefault(1) is > 0 and var r ? r : 3, options.Contains("--million")).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        foreach (var setting in new[] { "fsync", "synchronous_commit" }) Console.WriteLine($"{setting} = {await store.AskAsync<string>($"SHOW {setting}")}");
        Console.WriteLine($"{Environment.ProcessorCount} cores, {rounds} rounds of {time.TotalSeconds:0} s a line; medians");
        await WarmAsync();
        var rates = new Dictionary<(int, int), double>();
        foreach (var items in new[] { 1, store.Variants.Length })
        {
            Console.WriteLine($"\n{items} variant(s)");
            var best = 0.0;
            foreach (var crowd in Crowds) best = Math.Max(best, rates[(items, crowd)] = await CompareAsync(items, crowd));
            await HalfRateAsync(items, best);
        }
        if (million) await MillionAsync(rates);
        return _missed ? 1 : 0;
    }

    // Compiled code and prepared statements first; what a store does once a day is not what is measured.
    private async Task WarmAsync()
    {
        await store.EmptyAsync();
        _run++;
        foreach (var items in new[] { 1, store.Variants.Length })
            await Load.ClosedAsync(64, TimeSpan.FromSeconds(1), number => PlaceAsync(Key(number), Variant(number, items)));
    }

    private async Task<double> CompareAsync(int items, int crowd)
    {
        var lines = new Dictionary<string, List<Measured>>();
        for (var round = 0; round < rounds; round++)
        {
            await RecordAsync("ceiling: plain inserts, 300 orders a commit", () => PlainRows.MeasureAsync(store, items, time));
            foreach (var pool in Pools)
            {
                await using var path = new ClassicPath(store.ConnectionString, pool);
                await RecordAsync($"classic, pool {pool}", () => DriveAsync(crowd, items, path.PlaceAsync));
            }
            store.Flags.Set(FeatureFlag.Orders, false);
            await RecordAsync("intake, a commit an order (flag off)", () => DriveAsync(crowd, items, PlaceAsync));
            store.Flags.Set(FeatureFlag.Orders, true);
            await RecordAsync("intake, group commit", () => DriveAsync(crowd, items, PlaceAsync));
        }
        var median = lines.ToDictionary(line => line.Key, line => Measured.MedianOf(line.Value));
        var ceiling = median.First().Value.Rate;
        foreach (var (name, measured) in median) Console.WriteLine($"  {$"{crowd} callers: {name}",-56}{measured}  {measured.Rate / ceiling,4:P0} of the ceiling");
        var group = median["intake, group commit"].Rate;
        var (share, (prototype, goal)) = (group / median.Where(line => line.Key.StartsWith("classic", StringComparison.Ordinal)).Max(line => line.Value.Rate), Shares[(items == 1, crowd)]);
        Judge(string.Create(CultureInfo.InvariantCulture, $"{share:0.0} times the best classic"), share >= goal, string.Create(CultureInfo.InvariantCulture, $"{goal} times; the prototype reached {prototype}"));
        return group;

        async Task RecordAsync(string name, Func<Task<Measured>> measure)
        {
            await store.EmptyAsync();
            _run++;
            var spent = await ProcessorTime.NowAsync(store);
            var measured = await measure();
            if (!lines.TryGetValue(name, out var rows)) lines.Add(name, rows = []);
            rows.Add(measured with { Spent = (await ProcessorTime.NowAsync(store)).Since(spent, measured.Orders) });
        }
    }

    private async Task HalfRateAsync(int items, double best)
    {
        await store.EmptyAsync();
        _run++;
        var half = await Load.OpenAsync(best / 2, time, number => PlaceAsync(Key(number), Variant(number, items)));
        Console.WriteLine($"  {"intake, orders come at half of the best rate",-56}{half}");
        Judge(string.Create(CultureInfo.InvariantCulture, $"p99 {half.P99:0.0} ms"), half.P99 < HalfRateGoalMs, $"below {HalfRateGoalMs:0} ms");
    }

    private async Task MillionAsync(Dictionary<(int Items, int Crowd), double> without)
    {
        await store.EmptyAsync();
        await store.FillAsync(1_000_000);
        Console.WriteLine("\nWith 1,000,000 orders in the table");
        foreach (var ((items, crowd), rate) in without)
        {
            var full = new List<Measured>();
            for (var round = 0; round < rounds; round++)
            {
                _run++;
                await store.RunAsync("CHECKPOINT");
                full.Add(await DriveAsync(crowd, items, PlaceAsync));
            }
            var median = Measured.MedianOf(full);
            Console.WriteLine($"  {$"{items} variant(s), {crowd} callers",-56}{median}");
            Judge($"{median.Rate / rate:P0} of the empty table's rate", median.Rate >= rate * MillionGoal, $"{MillionGoal:P0}");
        }
    }

    private Task<Measured> DriveAsync(int crowd, int items, Func<string, Guid, Task<bool>> place) => Load.ClosedAsync(crowd, time, number => place(Key(number), Variant(number, items)));

    private async Task<bool> PlaceAsync(string key, Guid variant) => (await store.Intake.PlaceAsync(BenchStore.Request(key, variant), CancellationToken.None)).Ok;

    private string Key(int number) => $"bench-{_run}-{number}";

    private Guid Variant(int number, int items) => store.Variants[number % items];

    private void Judge(string what, bool reached, string goal)
    {
        _missed |= !reached;
        Console.WriteLine($"    {(reached ? "reached" : "MISSED "),-10}{what} (goal: {goal})");
    }
}
