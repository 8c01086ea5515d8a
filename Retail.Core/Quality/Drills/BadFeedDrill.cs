using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Partners;
using Retail.Core.Partners.Trials;

namespace Retail.Core.Quality.Drills;

/// <summary>A partner sends a feed in which rows are wrong, then a big one, then the big one again.</summary>
public sealed class BadFeedDrill(PartnerService partners, PartnerKeys keys, RetailDbContext db, NpgsqlDataSource database) : IDrill
{
    private const int MemoryMb = 100, UpsertSeconds = 30, ValidPercent = 95;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("bad-feed", "Bad feed",
        "A partner made for the drill sends a feed with planted defects, a big one, and the big one once more. Each bad row must be reported with its line and code, the good ones must be in, and the second time nothing may change.")
    {
        Parameters = [new("rows", "Rows of the feed with defects", 800, 40, 100_000), new("products", "Products of the big feed", 1200, 1000, 50_000)],
        Harm = "A worker is busy with the feed for some seconds. Nobody sees its products.",
        Charges = false,
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        await stage.SayAsync("Making a partner, and a key with which it may send feeds", 5);
        var (partner, key) = await MakeAsync(stage, ct);

        await stage.SayAsync($"The partner sends {stage["rows"]} rows, each twentieth of them wrong", 15);
        var bad = new TrialFeed(stage["rows"], defectEvery: 20);
        var first = await SendAsync(stage, key, await FileAsync(bad, ct), ct);
        await JudgeAsync(stage, key, partner, bad, first, ct);

        // A product is one row, or five; twice as many rows have enough of them.
        await stage.SayAsync($"The partner sends at least {stage["products"]} products, all of them right", 45);
        var (big, before) = (await FileAsync(new TrialFeed(stage["products"] * 3 / 2, defectEvery: 0), ct), await ProductsAsync(partner, ct));
        var second = await SendAsync(stage, key, big, ct);
        var run = await RunAsync(second.Run, ct);
        stage.Figure(MetricTypes.FeedUpsertedProducts, await ProductsAsync(partner, ct), "Products that the feeds brought in", Wanted.AtLeast(1000), $"{before} of them by the first feed");
        stage.Figure(MetricTypes.FeedUpsertSeconds, second.Seconds, "Seconds until they were", Wanted.Below(UpsertSeconds));
        stage.Figure(MetricTypes.FeedPeakMemoryMb, run.PeakMemoryMb, "Megabytes by which the worker's memory grew", Wanted.Below(MemoryMb));

        await stage.SayAsync("The partner sends the same once more", 75);
        var again = await SendAsync(stage, key, [.. big, (byte)'\n'], ct);
        var repeated = await RunAsync(again.Run, ct);
        stage.Figure(MetricTypes.FeedSecondRunChanges, repeated.New + repeated.Changed + repeated.Missing, "Rows that changed the second time", Wanted.Zero,
            repeated.Unchanged == 0 ? throw new DrillBrokenException("The second run did not read the feed.") : null);
    }

    // Its products are the drill's, because its contact's address is.
    private async Task<(Guid Partner, string Key)> MakeAsync(DrillStage stage, CancellationToken ct)
    {
        var shelf = await db.Categories.OrderBy(c => c.Position).Select(c => (Guid?)c.Id).FirstOrDefaultAsync(ct)
            ?? throw new DrillBrokenException("The store has no category yet, and products need one. Add a category, then run the drill again.");
        var code = $"D{stage.Id.ToString("N")[^11..].ToUpperInvariant()}";
        var partner = Expect(await partners.SaveAsync(new PartnerDraft
        {
            Name = $"Drill partner {code}",
            Code = code,
            Contact = stage.Store.MailOf("feeds"),
            Format = "csv",
            Currency = "USD",
            CategoryId = shelf,
        }, ct));
        return (partner, Expect(await keys.MakeAsync(partner, TimeSpan.Zero, ct)));
    }

    private async Task JudgeAsync(DrillStage stage, string key, Guid partner, TrialFeed feed, Sent sent, CancellationToken ct)
    {
        await stage.SayAsync("Comparing the report with what was planted, and the shop with what was right", 35);
        var report = await ReportAsync(stage, key, sent.Run, ct);
        var silent = feed.Planted.Where(p => !report.Contains((p.Line, p.Code))).ToList();
        var valid = stage["rows"] - feed.Planted.Count;
        var there = await CountAsync("SELECT count(*) FROM partner_items i JOIN variants v ON v.id = i.variant_id AND v.retired_at IS NULL JOIN stock_items s ON s.variant_id = v.id WHERE i.partner_id = $1", partner, ct);
        stage.Figure(MetricTypes.FeedValidInPercent, Math.Round(100.0 * there / valid, 2), "Percent of the valid rows that are in the shop", Wanted.AtLeast(ValidPercent), $"{there} of {valid}");
        stage.Figure(MetricTypes.FeedUnreportedBadRows, silent.Count, $"Bad rows, of {feed.Planted.Count}, that were not reported with their line and code", Wanted.Zero,
            silent.Count == 0 ? null : string.Join(", ", silent.Take(5).Select(p => $"line {p.Line}: {p.Code}")));
        stage.Figure(MetricTypes.FeedSeconds, sent.Seconds, "Seconds from upload to result", Wanted.Below(Longest.TotalSeconds));
    }

    // As a partner's program does: sends the file, and asks until the run is over.
    private static async Task<Sent> SendAsync(DrillStage stage, string key, byte[] file, CancellationToken ct)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var upload = Request(stage, HttpMethod.Post, "/api/partner/upload-feed/", key);
        upload.Content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using var taken = await stage.Store.SendAsync(upload, null, ct);
        if (taken.StatusCode != HttpStatusCode.Accepted || taken.Headers.Location is not { } address)
            throw new DrillBrokenException($"The store did not take the feed in ({(int)taken.StatusCode}): {await taken.Content.ReadAsStringAsync(ct)}");
        RunState? state = null;
        await stage.WaitAsync(async () => (state = await StateAsync(stage, address.ToString(), key, ct) ?? state) is { Over: true } or { Status: "held" }, Longest,
            "The feed was not done within five minutes. Look whether a worker runs.", ct);
        if (state!.Status != "done") throw new DrillBrokenException($"The feed ended as {state.Status}: {state.Note ?? state.Code}");
        return new(state.Run, Math.Round(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 2));
    }

    // Null when it is asked too often: the answer is the same a moment later.
    private static async Task<RunState?> StateAsync(DrillStage stage, string address, string key, CancellationToken ct)
    {
        using var ask = Request(stage, HttpMethod.Get, address, key);
        using var answer = await stage.Store.SendAsync(ask, null, ct);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests) return null;
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<RunState>(ct))! : throw new DrillBrokenException($"The store does not say what became of the feed ({(int)answer.StatusCode}).");
    }

    private static async Task<HashSet<(int Line, string Code)>> ReportAsync(DrillStage stage, string key, Guid run, CancellationToken ct)
    {
        var told = new HashSet<(int, string)>();
        for (var page = 1; ; page++)
        {
            using var ask = Request(stage, HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/api/partner/feed-runs/{run}/report?page={page}"), key);
            using var answer = await stage.Store.SendAsync(ask, null, ct);
            if (!answer.IsSuccessStatusCode) throw new DrillBrokenException($"The store does not give the feed's report ({(int)answer.StatusCode}).");
            var report = (await answer.Content.ReadFromJsonAsync<ReportPage>(ct))!;
            told.UnionWith(report.Items.Where(i => i.Outcome == "rejected").Select(i => (i.Line, i.Code)));
            if (page >= report.Pages) return told;
        }
    }

    private static HttpRequestMessage Request(DrillStage stage, HttpMethod method, string path, string key) =>
        new(method, new Uri(stage.Store.NextNode(), path)) { Headers = { { "X-API-Key", key } } };

    private static async Task<byte[]> FileAsync(TrialFeed feed, CancellationToken ct)
    {
        using var file = new MemoryStream();
        await feed.WriteAsync(file, 1, ct);
        return file.ToArray();
    }

    private async Task<Partners.Runs.FeedRun> RunAsync(Guid run, CancellationToken ct) => await db.FeedRuns.AsNoTracking().SingleAsync(r => r.Id == run, ct);

    private Task<long> ProductsAsync(Guid partner, CancellationToken ct) => CountAsync("SELECT count(*) FROM products WHERE partner_id = $1 AND status = 'Published'", partner, ct);

    private async Task<long> CountAsync(string sql, Guid partner, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = partner });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static T Expect<T>(ServiceResult<T> made) => made.Error is { } refusal ? throw new DrillBrokenException($"The drill's partner could not be made: {refusal.Message}") : made.Value;

    private sealed record Sent(Guid Run, double Seconds);

    private sealed record RunState(Guid Run, string Status, bool Over, string? Code, string? Note);

    private sealed record ReportPage(IReadOnlyList<ReportLine> Items, int Pages);

    private sealed record ReportLine(int Line, string Outcome, string Code);
}
