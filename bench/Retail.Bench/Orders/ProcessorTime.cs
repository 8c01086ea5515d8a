using System.Diagnostics;
using System.Globalization;

namespace Retail.Bench.Orders;

/// <summary>Processor time so far: of this process (store and load together) and of all of PostgreSQL.</summary>
internal sealed record ProcessorTime(TimeSpan Store, TimeSpan Database)
{
    public static async Task<ProcessorTime> NowAsync(BenchStore store)
    {
        using var own = Process.GetCurrentProcess();
        var postmaster = int.Parse((await store.AskAsync<string>("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")), CultureInfo.InvariantCulture);
        var ticks = 0L;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid) || Read(pid) is not { } stat) continue;
            if (pid == postmaster) ticks += stat.Own + stat.Ended;       // backends that have ended are counted by their parent
            else if (stat.Parent == postmaster) ticks += stat.Own;
        }
        return new(own.TotalProcessorTime, TimeSpan.FromMilliseconds(ticks * 10));
    }

    /// <summary>What was measured, and what an order of it cost.</summary>
    public static async Task<Measured> SpentByAsync(BenchStore store, Func<Task<Measured>> measure)
    {
        var before = await NowAsync(store);
        var measured = await measure();
        return measured with { Spent = (await NowAsync(store)).Since(before, measured.Orders) };
    }

    /// <summary>Microseconds an order, of the store and of PostgreSQL.</summary>
    public (double Store, double Database) Since(ProcessorTime before, int orders) => orders == 0 ? default
        : ((Store - before.Store).TotalMicroseconds / orders, (Database - before.Database).TotalMicroseconds / orders);

    private static (int Parent, long Own, long Ended)? Read(int pid)
    {
        try
        {
            // The name in brackets may hold blanks; the numbers come after it.
            var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ").Last().Split(' ');
            long Number(int field) => long.Parse(fields[field - 3], CultureInfo.InvariantCulture);
            return ((int)Number(4), Number(14) + Number(15), Number(16) + Number(17));
        }
        catch (IOException)
        {
            return null;   // it has ended meanwhile
        }
    }
}
