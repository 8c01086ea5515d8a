using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Retail.Core;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Core.Partners;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Pipeline;
using Retail.Core.Partners.Runs;
using Retail.Core.Partners.Trials;

namespace Retail.Bench.Feeds;

/// <summary>How quick and how large the import of a partner's feed is, whether it finds every planted defect, and whether it ends the same when it is killed.</summary>
internal sealed class FeedsBench(IHost host, string folder, string connectionString, int rows)
{
    private const int DefectEvery = 100;
    private const double SecondsGoal = 60;
    private const int MemoryGoalMb = 100;

    // All that a shopper could see, by the partner's own ids.
    private const string State = """
        SELECT md5(string_agg(concat_ws('|', i.external_id, p.name, p.brand, p.description, p.attributes, p.option_names, v.options, v.price_amount, v.retired_at IS NULL, s.on_hand, s.reserved,
            (SELECT sum(on_hand_delta) FROM stock_movements m WHERE m.variant_id = v.id)), E'\n' ORDER BY i.external_id))
        FROM partner_items i JOIN variants v ON v.id = i.variant_id JOIN products p ON p.id = v.product_id JOIN stock_items s ON s.variant_id = v.id WHERE i.partner_id = $1
        """;

    private readonly TrialFeed _feed = new(rows, DefectEvery);
    private bool _missed;

    private NpgsqlDataSource Database => host.Services.GetRequiredService<NpgsqlDataSource>();

    private string File => Path.Combine(folder, "feed.csv");

    public static async Task<int> RunAsync(string folder, string[] options)
    {
        using var logs = LoggerFactory.Create(_ => { });
        await using var cluster = await PostgresCluster.StartAsync(new() { DataFolder = folder }, logs.CreateLogger("bench"), CancellationToken.None);
        using var host = Build(cluster.ConnectionString);
        await host.Services.GetRequiredService<DatabaseMigrator>().ApplyAsync(CancellationToken.None);
        var rows = options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 100_000;
        return await new FeedsBench(host, folder, cluster.ConnectionString, rows).RunAsync();
    }

    /// <summary>The worker: a process of its own, so that its memory is its own and it can be killed.</summary>
    public static async Task<int> WorkAsync(string connectionString, string partner)
    {
        using var host = Build(connectionString);
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<FeedRunner>().RunAsync(Guid.Parse(partner), CancellationToken.None);
        return 0;
    }

    private async Task<int> RunAsync()
    {
        await using (var to = System.IO.File.Create(File)) await _feed.WriteAsync(to, 1, CancellationToken.None);
        Console.WriteLine($"{rows:N0} rows, {new FileInfo(File).Length / 1e6:0.0} MB, {_feed.Planted.Count:N0} defects planted, {Environment.ProcessorCount} cores");
        var partner = await PartnerAsync("ONE");
        var run = await FirstAsync(partner);
        await SecondAsync(partner);
        await ChangedAsync(partner);
        await KilledAsync(await AskAsync<string>(State, partner), run.Seconds);
        return _missed ? 1 : 0;
    }

    private async Task<FeedRun> FirstAsync(Guid partner)
    {
        var run = await ImportAsync(partner, "");
        Console.WriteLine($"first run: {run.Seconds:0.0} s, {run.Rows / run.Seconds:N0} rows/s, memory grew by {run.PeakMemoryMb} MB; {run.New:N0} new, {run.Rejected:N0} rejected");
        Judge("under 60 s", run.Seconds < SecondsGoal);
        Judge("memory grew by less than 100 MB", run.PeakMemoryMb < MemoryGoalMb);
        var planted = _feed.Planted.Select(p => $"{p.Line} {p.Code}").ToList();
        var told = (await AskAsync<string[]>("SELECT coalesce(array_agg(line || ' ' || code ORDER BY number), '{}') FROM feed_issues WHERE run_id = $1", run.Id)).ToList();
        Judge($"{planted.Intersect(told).Count():N0} of {planted.Count:N0} defects reported with line and code, {told.Except(planted).Count()} others", planted.SequenceEqual(told));
        Judge($"{run.New:N0} of {rows - planted.Count:N0} good rows are in", run.New == rows - planted.Count);
        return run;
    }

    private async Task SecondAsync(Guid partner)
    {
        var run = await ImportAsync(partner, "\n");
        Console.WriteLine($"second run: {run.Seconds:0.0} s, memory grew by {run.PeakMemoryMb} MB; {run.New} new, {run.Changed} changed, {run.Unchanged:N0} unchanged, {run.Missing} missing");
        Judge("the second run changes 0", run.New + run.Changed + run.Missing == 0);
    }

    private async Task ChangedAsync(Guid partner)
    {
        await using (var to = System.IO.File.Create(File)) await _feed.WriteAsync(to, 1.1m, CancellationToken.None);
        var run = await ImportAsync(partner, "");
        Console.WriteLine($"all prices changed: {run.Seconds:0.0} s, memory grew by {run.PeakMemoryMb} MB; {run.Changed:N0} changed");
        await using (var to = System.IO.File.Create(File)) await _feed.WriteAsync(to, 1, CancellationToken.None);
        await ImportAsync(partner, "");
    }

    private async Task KilledAsync(string expected, double seconds)
    {
        var partner = await PartnerAsync("TWO");
        var run = await ReceiveAsync(partner, "");
        var kills = 0;
        // While it reads, while it compares and several times while it applies: spread over what the whole took.
        for (var i = 1; i <= 5; i++)
        {
            using var worker = Start(partner);
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(1.2, seconds * (i % 3 + 1) / 5)));
            if (worker.HasExited) break;
            var (status, applied) = (await AskAsync<string>("SELECT status FROM feed_runs WHERE id = $1", run), await AskAsync<long>("SELECT count(*) FROM partner_items WHERE partner_id = $1", partner));
            worker.Kill();
            await worker.WaitForExitAsync();
            kills++;
            Console.WriteLine($"kill -9 while {status}, {applied:N0} rows were in the shop");
        }
        await WorkToEndAsync(partner);
        var state = await AskAsync<string>("SELECT status FROM feed_runs WHERE id = $1", run);
        Judge($"killed {kills} times: the run is {state}, and the shop is as without", state == "Done" && kills > 0 && await AskAsync<string>(State, partner) == expected);
    }

    private async Task<FeedRun> ImportAsync(Guid partner, string end)
    {
        var id = await ReceiveAsync(partner, end);
        await WorkToEndAsync(partner);
        await using var scope = host.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<FeedRunQueries>().FindAsync(id, null, CancellationToken.None))!.Run;
    }

    private async Task<Guid> ReceiveAsync(Guid partner, string end)
    {
        await System.IO.File.AppendAllTextAsync(File, end);
        await using var scope = host.Services.CreateAsyncScope();
        await using var file = System.IO.File.OpenRead(File);
        var stored = await scope.ServiceProvider.GetRequiredService<FeedContents>().StoreAsync(file, CancellationToken.None);
        return (await scope.ServiceProvider.GetRequiredService<FeedRunService>().ReceiveAsync(partner, stored.Value, new(FeedOrigin.Admin, "bench"), CancellationToken.None)).Value.Id;
    }

    private async Task<Guid> PartnerAsync(string code)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var shelves = scope.ServiceProvider.GetRequiredService<CategoryService>();
        var shelf = (await shelves.ListAsync(CancellationToken.None)) is [var first, ..] ? first.Id : (await shelves.SaveAsync(new CategoryDraft { Name = "Trial goods" }, CancellationToken.None)).Value;
        return (await scope.ServiceProvider.GetRequiredService<PartnerService>().SaveAsync(
            new PartnerDraft { Name = code, Code = code, Format = "csv", Currency = "USD", CategoryId = shelf, SafetyPercent = 100 }, CancellationToken.None)).Value;
    }

    private async Task WorkToEndAsync(Guid partner)
    {
        using var worker = Start(partner);
        await worker.WaitForExitAsync();
        if (worker.ExitCode != 0) throw new InvalidOperationException($"The worker ended with {worker.ExitCode}.");
    }

    // With Retail.Worker's memory settings.
    private Process Start(Guid partner) => Process.Start(new ProcessStartInfo("dotnet", [typeof(FeedsBench).Assembly.Location, "feeds-worker", connectionString, partner.ToString()]) { Environment = { ["DOTNET_gcServer"] = "0" } })!;

    private async Task<T> AskAsync<T>(string sql, Guid about)
    {
        await using var command = Database.CreateCommand(sql);
        command.CommandTimeout = 300;
        command.Parameters.Add(new() { Value = about });
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private void Judge(string what, bool holds)
    {
        Console.WriteLine($"  {(holds ? "ok  " : "MISS")} {what}");
        _missed |= !holds;
    }

    private static IHost Build(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = Environments.Development });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddRetailCore(connectionString);
        return builder.Build();
    }
}
