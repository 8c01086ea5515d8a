using System.Globalization;
using Retail.Core.Flags;

namespace Retail.Bench.Orders;

/// <summary>
/// How many orders a second the intake accepts, beside the ceiling and the classic path, in one run on one machine. What is compared
/// takes turns, round by round, and the medians count, so that a machine's moods meet all alike.
/// </summary>
internal sealed class OrdersBench(BenchStore store, TimeSpan time, int rounds)
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

    private bool _missed;

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        await using var store = await BenchStore.StartAsync(folder);
        var numbers = options.Where(o => int.TryParse(o, out _)).Select(o => int.Parse(o, CultureInfo.InvariantCulture)).ToList();
        var bench = new OrdersBench(store, TimeSpan.FromSeconds(numbers.ElementAtOrDefault(0) is > 0 and var s ? s : 4), numbers.ElementAtOrDefault(1) is > 0 and var r ? r : 3);
        await bench.BeginAsync();
        await (options.Contains("--million") ? bench.MillionAsync(Path.Combine(folder, "million")) : bench.CompareAsync());
        return bench._missed ? 1 : 0;
    }

    private async Task BeginAsync()
    {
        foreach (var setting in new[] { "fsync", "synchronous_commit" }) Console.WriteLine($"{setting} = {await store.AskAsync<string>($"SHOW {setting}")}");
        Console.WriteLine($"{Environment.ProcessorCount} cores, {rounds} rounds of {time.TotalSeconds:0} s a line; medians");
        await WarmAsync(store);
    }

    private async Task CompareAsync()
    {
        foreach (var items in new[] { 1, store.Variants.Length })
        {
            Console.WriteLine($"\n{items} variant(s)");
            var best = 0.0;
            foreach (var crowd in Crowds) best = Math.Max(best, await CompareAsync(items, crowd));
            await HalfRateAsync(items, best);
        }
    }

    // Compiled code and prepared statements first; what a store does once a day is not what is measured.
    private static async Task WarmAsync(BenchStore at)
    {
        await at.EmptyAsync();
        foreach (var items in new[] { 1, at.Variants.Length }) await DriveAsync(at, TimeSpan.FromSeconds(1), Crowds[0], items, at.PlaceAsync);
    }

    private async Task<double> CompareAsync(int items, int crowd)
    {
        var lines = new Dictionary<string, List<Measured>>();
        for (var round = 0; round < rounds; round++)
        {
            await store.EmptyAsync();
            Note("ceiling: plain inserts, 300 orders a commit", await ProcessorTime.SpentByAsync(store, () => PlainRows.MeasureAsync(store, items, time)));
            foreach (var pool in Pools)
            {
                await using var path = new ClassicPath(store.ConnectionString, pool);
                await RecordAsync($"classic, pool {pool}", path.PlaceAsync);
            }
            store.Flags.Set(FeatureFlag.Orders, false);
            await RecordAsync("intake, a commit an order (flag off)", store.PlaceAsync);
            store.Flags.Set(FeatureFlag.Orders, true);
            await RecordAsync("intake, group commit", store.PlaceAsync);
        }
        var median = lines.ToDictionary(line => line.Key, line => Measured.MedianOf(line.Value));
        var ceiling = median.First().Value.Rate;
        foreach (var (name, measured) in median) Console.WriteLine($"  {$"{crowd} callers: {name}",-56}{measured}  {measured.Rate / ceiling,4:P0} of the ceiling");
        var group = median["intake, group commit"].Rate;
        var (share, (prototype, goal)) = (group / median.Where(line => line.Key.StartsWith("classic", StringComparison.Ordinal)).Max(line => line.Value.Rate), Shares[(items == 1, crowd)]);
        Judge(string.Create(CultureInfo.InvariantCulture, $"{share:0.0} times the best classic"), share >= goal, string.Create(CultureInfo.InvariantCulture, $"{goal} times; the prototype reached {prototype}"));
        return group;

        async Task RecordAsync(string name, Func<string, Guid, Task<bool>> place)
        {
            await store.EmptyAsync();
            Note(name, await DriveAsync(store, time, crowd, items, place));
        }

        void Note(string name, Measured measured)
        {
            if (!lines.TryGetValue(name, out var rows)) lines.Add(name, rows = []);
            rows.Add(measured);
        }
    }

    private async Task HalfRateAsync(int items, double best)
    {
        await store.EmptyAsync();
        var half = await Load.OpenAsync(best / 2, time, number => store.PlaceAsync(Key(), store.Variants[number % items]));
        Console.WriteLine($"  {"intake, orders come at half of the best rate",-56}{half}");
        Judge(string.Create(CultureInfo.InvariantCulture, $"p99 {half.P99:0.0} ms"), half.P99 < HalfRateGoalMs, $"below {HalfRateGoalMs:0} ms");
    }

    // A store that has a million orders takes turns with one that has none. Its checkpoints come when PostgreSQL makes them.
    private async Task MillionAsync(string folder)
    {
        await using var full = await BenchStore.StartAsync(folder);
        await WarmAsync(full);
        await full.EmptyAsync();
        await full.FillAsync(1_000_000);
        Console.WriteLine("\nWith 1,000,000 orders in the table");
        foreach (var items in new[] { 1, store.Variants.Length })
        {
            foreach (var crowd in Crowds)
            {
                var (without, with) = (new List<Measured>(), new List<Measured>());
                for (var round = 0; round < rounds; round++)
                {
                    await store.EmptyAsync();
                    without.Add(await DriveAsync(store, time, crowd, items, store.PlaceAsync));
                    with.Add(await DriveAsync(full, time, crowd, items, full.PlaceAsync));
                }
                var (few, many) = (Measured.MedianOf(without), Measured.MedianOf(with));
                Console.WriteLine($"  {$"{items} variant(s), {crowd} callers: empty",-56}{few}");
                Console.WriteLine($"  {$"{items} variant(s), {crowd} callers: a million orders",-56}{many}");
                Judge($"{many.Rate / few.Rate:P0} of the empty table's rate", many.Rate >= few.Rate * MillionGoal, $"{MillionGoal:P0}");
            }
        }
    }

    private static Task<Measured> DriveAsync(BenchStore at, TimeSpan how, int crowd, int items, Func<string, Guid, Task<bool>> place) =>
        ProcessorTime.SpentByAsync(at, () => Load.ClosedAsync(crowd, how, number => place(Key(), at.Variants[number % items])));

    // That of a cart, made when the first thing was put into it, some time in the last half an hour.
    private static string Key() => $"cart-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddSeconds(-Random.Shared.Next(1800))):N}";

    private void Judge(string what, bool reached, string goal)
    {
        _missed |= !reached;
        Console.WriteLine($"    {(reached ? "reached" : "MISSED "),-10}{what} (goal: {goal})");
    }
}
