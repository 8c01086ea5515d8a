using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>Somebody hammers a flash sale, then everybody does; whoever is let through is served as ever.</summary>
public sealed class ThrottleBurstDrill(DrillGoods goods, DrillBooks books, IOptions<DrillsOptions> options) : IDrill
{
    private const int CrowdAtOnce = 8, HammersAtOnce = 4;
    private static readonly TimeSpan Written = TimeSpan.FromSeconds(10);

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("throttle-burst", "Throttle burst",
        "One buyer tries again and again while others buy, and then so many try that the limit of the whole store is reached. Surplus tries are refused with the time to wait, and the others are served within a second.")
    {
        Parameters = [new("buyers", "Buyers who try once", 40, 5, 400), new("tries", "Tries of the one who hammers", 30, 11, 200), new("everybody", "Tries of everybody together", 560, 0, 5000)],
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        var (buyers, tries, everybody) = (stage["buyers"], stage["tries"], stage["everybody"]);
        await stage.SayAsync("Making a product in a flash sale that nobody sees", 5);
        var product = await goods.MakeAsync(stage, buyers + tries, ct);
        await goods.PutOnFlashSaleAsync(stage, product, limitPerCustomer: 10, ct);

        // Limits are each node's own, so one of them gets it all.
        var node = stage.Store.Nodes[0];
        await stage.SayAsync($"One buyer tries {tries} times while {buyers} others try once", 20);
        var others = TryAsync(Enumerable.Range(1, buyers).Select(nr => (Func<Task<DrillAnswer>>)(() =>
            stage.Store.Shopper($"buyer-{nr}", node).BuyFlashAsync(product.Sku, $"buyer-{nr}", options.Value.PaymentMethod, ct))), CrowdAtOnce, ct);
        var hammer = stage.Store.Shopper("hammer", node);
        var one = await TryAsync(Enumerable.Range(1, tries).Select(nr => (Func<Task<DrillAnswer>>)(() => hammer.BuyFlashAsync(product.Sku, $"hammer-{nr}", options.Value.PaymentMethod, ct))), HammersAtOnce, ct);
        List<DrillAnswer> answers = [.. one, .. await others];

        await stage.SayAsync($"{everybody} buyers ask for the order of the first of them, under its key", 45);
        var all = await TryAsync(Enumerable.Range(1, everybody).Select(nr => (Func<Task<DrillAnswer>>)(() =>
            stage.Store.Shopper($"everybody-{nr}", node).BuyFlashAsAsync(stage.Store.MailOf("buyer-1"), product.Sku, "buyer-1", options.Value.PaymentMethod, ct))), CrowdAtOnce, ct);

        await stage.SayAsync("Waiting for the payments, and counting", 80);
        await stage.WaitAsync(async () => (await books.OrdersAsync(stage, ct)).Open == 0, TimeSpan.FromMinutes(3), "Not all accepted orders were settled within three minutes. Look whether a worker runs.", ct);
        Report(stage, answers, one, all);
        var refusals = answers.Concat(all).Count(IsRefusal);
        await stage.WaitAsync(async () => (await books.MetricsAsync(stage, MetricTypes.ThrottledRequests, ct)).Count >= refusals, Written, null, ct);
        stage.Recorded(MetricTypes.ThrottledRequests, (await books.MetricsAsync(stage, MetricTypes.ThrottledRequests, ct)).Count, "Refusals that the store wrote down", Wanted.Exactly(refusals));
    }

    private static void Report(DrillStage stage, List<DrillAnswer> answers, List<DrillAnswer> one, List<DrillAnswer> all)
    {
        var times = answers.Where(a => a.Status == HttpStatusCode.Accepted).Select(a => a.Elapsed.TotalMilliseconds).Order().ToList();
        foreach (var time in times) stage.Evidence(MetricTypes.ThrottleAcceptedMs, Math.Round(time, 1));
        stage.Recorded(MetricTypes.ThrottleAcceptedMs, times.Count == 0 ? double.PositiveInfinity : times[(int)Math.Ceiling(times.Count * 0.95) - 1],
            string.Create(CultureInfo.InvariantCulture, $"Milliseconds of a try that was let through (p95 of {times.Count})"), Wanted.Below(1000), Told(answers));
        stage.Figure(MetricTypes.ThrottleRefusals, one.Count(IsRefusal), "Refusals of the one who hammers", Wanted.AtLeast(1), Told(one), ("limit", "user"));
        if (all.Count > 0) stage.Figure(MetricTypes.ThrottleRefusals, all.Count(IsRefusal), "Refusals when everybody came", Wanted.AtLeast(1), Told(all), ("limit", "everybody"));
        // The last row is the one that the scenario's sample is taken from: all of them.
        stage.Figure(MetricTypes.ThrottleRefusals, answers.Concat(all).Count(IsRefusal), "Refusals in all", Wanted.AtLeast(10));
        stage.Figure(MetricTypes.ThrottleRefusalsWithoutRetryAfter, answers.Concat(all).Count(a => IsRefusal(a) && a.RetryAfter is null), "Refusals that do not say when to come back", Wanted.Zero);
    }

    private static bool IsRefusal(DrillAnswer answer) => answer.Status == HttpStatusCode.TooManyRequests;

    private static string Told(IEnumerable<DrillAnswer> answers) =>
        string.Join(", ", answers.GroupBy(a => a.Code.Length > 0 ? a.Code : $"HTTP {(int)a.Status}").OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} × {g.Key}"));

    private static async Task<List<DrillAnswer>> TryAsync(IEnumerable<Func<Task<DrillAnswer>>> tries, int atOnce, CancellationToken ct)
    {
        var answers = new System.Collections.Concurrent.ConcurrentBag<DrillAnswer>();
        await Parallel.ForEachAsync(tries, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct }, async (attempt, _) => answers.Add(await attempt()));
        return [.. answers];
    }
}
