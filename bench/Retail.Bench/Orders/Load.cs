using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Retail.Bench.Orders;

/// <summary>Orders a second, and how long one took.</summary>
internal sealed record Measured(double Rate, double P50, double P99, int Orders, int Failed)
{
    /// <summary>Microseconds of processor time an order, of the store with its load and of PostgreSQL.</summary>
    public (double Store, double Database) Spent { get; init; }

    /// <summary>The run in the middle, by its rate.</summary>
    public static Measured MedianOf(IEnumerable<Measured> runs) => runs.OrderBy(run => run.Rate).ToList() is var sorted ? sorted[sorted.Count / 2] : throw new InvalidOperationException();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Rate,8:0}/s  p50 {P50,6:0.0} ms  p99 {P99,6:0.0} ms{(Spent.Store > 0 ? $"  an order costs the store {Spent.Store,4:0} µs, PostgreSQL {Spent.Database,4:0} µs" : "")}{(Failed > 0 ? $"  {Failed} FAILED" : "")}");
}

/// <summary>Drives a way of ordering. What happens in the first second is not counted.</summary>
internal static class Load
{
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(1);

    /// <summary>So many callers, each of which orders again as soon as it was answered.</summary>
    public static async Task<Measured> ClosedAsync(int callers, TimeSpan time, Func<int, Task<bool>> order)
    {
        var number = 0;
        return await CountAsync(time, async (clock, counts) => await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < Warm + time) await OneAsync(clock, clock.Elapsed, counts, order, Interlocked.Increment(ref number));
        }))));
    }

    /// <summary>Orders that come at this rate whether or not earlier ones were answered; a late start counts as waiting.</summary>
    public static async Task<Measured> OpenAsync(double rate, TimeSpan time, Func<int, Task<bool>> order) => await CountAsync(time, async (clock, counts) =>
    {
        var all = new List<Task>((int)(rate * (Warm + time).TotalSeconds) + 1);
        while (clock.Elapsed < Warm + time)
        {
            for (; all.Count < clock.Elapsed.TotalSeconds * rate;)
            {
                var (number, due) = (all.Count, TimeSpan.FromSeconds(all.Count / rate));
                all.Add(Task.Run(() => OneAsync(clock, due, counts, order, number)));
            }
            await Task.Delay(1);
        }
        await Task.WhenAll(all);
    });

    private static async Task<Measured> CountAsync(TimeSpan time, Func<Stopwatch, Counts, Task> drive)
    {
        var counts = new Counts();
        GC.Collect();
        await drive(Stopwatch.StartNew(), counts);
        var sorted = counts.Times.Order().ToList();
        return sorted.Count == 0 ? new(0, 0, 0, counts.All, counts.Failed) : new(sorted.Count / time.TotalSeconds, At(0.5), At(0.99), counts.All, counts.Failed);

        double At(double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }

    private static async Task OneAsync(Stopwatch clock, TimeSpan due, Counts counts, Func<int, Task<bool>> order, int number)
    {
        var ok = await order(number);
        var done = clock.Elapsed;
        Interlocked.Increment(ref counts.All);
        if (!ok) Interlocked.Increment(ref counts.Failed);
        else if (due >= Warm) counts.Times.Add((done - due).TotalMilliseconds);
    }

    private sealed class Counts
    {
        public readonly ConcurrentBag<double> Times = [];
        public int Failed, All;
    }
}
