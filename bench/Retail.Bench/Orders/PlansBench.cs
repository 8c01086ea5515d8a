using System.Globalization;
using System.Text.Json;
using Retail.Core.Carts;
using Retail.Core.Orders;

namespace Retail.Bench.Orders;

/// <summary>
/// Which plan each statement of a batch really ran with, at sizes from one order to many, as PostgreSQL itself notes it; what the
/// foreign keys and triggers ask is among them. Ends with 1 when a table was read from end to end, or an index for rows that nobody asked for.
/// </summary>
internal static class PlansBench
{
    private const string InVain = "in vain";
    private static readonly int[] Sizes = [1, 32, 128, 512];

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        await using var store = await BenchStore.StartAsync(folder);
        await store.EmptyAsync();
        var orders = options.Contains("--million") ? 1_000_000 : 20_000;
        // The statistics are those of a young store, which is when plans go wrong: none of the catalogue, empty tables of orders, which
        // then grow without anybody's ANALYZE.
        foreach (var table in new[] { "variants", "products", "orders", "order_lines", "payments" }) await store.RunAsync($"ALTER TABLE {table} SET (autovacuum_enabled = off)");
        await store.RunAsync("ANALYZE orders, order_lines, payments, order_transitions, outbox, stock_movements");
        await store.FillAsync(orders, analyze: false);
        await NoteAsync(store);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{orders:N0} orders in the table, statistics from before them"));
        var batch = store.Batch;
        var (sequential, seen) = (new List<string>(), 0);
        foreach (var size in Sizes)
        {
            var from = await store.AskAsync<long>("SELECT size FROM pg_stat_file(pg_current_logfile())");
            // Past the fifth time a statement is prepared, and keeps its plan.
            for (var time = 0; time < 8; time++) await batch.CommitAsync(Orders(store, size, time), CancellationToken.None);
            await Task.Delay(300);
            Console.WriteLine($"\n{size} order(s) in a batch");
            foreach (var (statement, nodes) in Read(size, await store.AskAsync<string>($"SELECT pg_read_file(pg_current_logfile(), {from}, 1000000000)")).GroupBy(p => p.Statement, (name, plans) => (name, plans.SelectMany(p => p.Nodes).Distinct().Order().ToList())).OrderBy(p => p.name))
            {
                seen++;
                var whole = nodes.Where(n => n.StartsWith("Seq Scan", StringComparison.Ordinal) || n.StartsWith(InVain, StringComparison.Ordinal)).ToList();
                sequential.AddRange(whole.Select(n => $"{size}: {statement}: {n}"));
                Console.WriteLine($"  {(whole.Count == 0 ? "index" : "WHOLE"),-7}{statement,-70} {string.Join(", ", nodes.Where(n => n.Contains(" on ", StringComparison.Ordinal)))}");
            }
        }
        foreach (var line in sequential) Console.WriteLine($"MISSED {line}");
        if (seen < 10 * Sizes.Length) Console.WriteLine($"MISSED only {seen} plans were noted");
        return sequential.Count == 0 && seen >= 10 * Sizes.Length ? 0 : 1;
    }

    // Each of one to three lines, at a thousand variants; a tenth asks under a key that is known.
    private static List<PendingOrder> Orders(BenchStore store, int size, int time) =>
    [
        .. Enumerable.Range(0, size).Select(n =>
        {
            var request = BenchStore.Request($"plan-{size}-{(n % 10 == 9 ? 0 : time)}-{n}", store.Variants[n % store.Variants.Length]);
            return new PendingOrder(request with { Lines = [.. Enumerable.Range(0, 1 + n % 3).Select(i => new OrderRequestLine(store.Variants[(n * 7 + i) % store.Variants.Length], 1))] },
                store.Shipping.Find("standard")!);
        }),
    ];

    private static Task NoteAsync(BenchStore store) => store.RestartSessionsWithAsync("""
        ALTER DATABASE retail SET session_preload_libraries = 'auto_explain';
        ALTER DATABASE retail SET auto_explain.log_min_duration = 0;
        ALTER DATABASE retail SET auto_explain.log_analyze = on;
        ALTER DATABASE retail SET auto_explain.log_timing = off;
        ALTER DATABASE retail SET auto_explain.log_format = 'json';
        ALTER DATABASE retail SET auto_explain.log_nested_statements = on
        """);

    private static IEnumerable<(string Statement, List<string> Nodes)> Read(int size, string log)
    {
        // A plan is a JSON object over several lines, the further ones indented by a tab.
        var text = log.Split('\n');
        for (var i = 0; i < text.Length; i++)
        {
            if (!text[i].Contains("plan:", StringComparison.Ordinal)) continue;
            var json = new List<string>();
            while (i + 1 < text.Length && text[i + 1].StartsWith('\t')) json.Add(text[++i]);
            using var plan = JsonDocument.Parse(string.Join('\n', json));
            var statement = plan.RootElement.GetProperty("Query Text").GetString()!;
            if (!IsOurs(statement)) continue;
            var nodes = new List<string>();
            Walk(plan.RootElement.GetProperty("Plan"), size, nodes);
            yield return (Short(statement), nodes);
        }
    }

    private static bool IsOurs(string statement) => !statement.Contains("metric", StringComparison.Ordinal) && !statement.Contains("pg_read_file", StringComparison.Ordinal) && !statement.Contains("pg_stat_file", StringComparison.Ordinal);

    private static string Short(string statement)
    {
        var line = string.Join(' ', statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 68 ? line : line[..68];
    }

    // A batch has up to three lines an order; what is read and thrown away must not grow with the shop.
    private static void Walk(JsonElement node, int size, List<string> nodes)
    {
        var what = node.GetProperty("Node Type").GetString()!;
        nodes.Add(node.TryGetProperty("Relation Name", out var table) ? $"{what} on {table.GetString()}" : what);
        if (node.TryGetProperty("Rows Removed by Filter", out var removed) && removed.GetDouble() * node.GetProperty("Actual Loops").GetDouble() > 100 + 10 * size) nodes.Add($"{InVain} read for {nodes[^1]}");
        if (node.TryGetProperty("Plans", out var inner)) foreach (var child in inner.EnumerateArray()) Walk(child, size, nodes);
    }
}
