using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>Many buyers want the same few units at the same moment.</summary>
public sealed class FlashSaleDrill(DrillGoods goods, DrillBooks books, IOptions<DrillsOptions> options) : IDrill
{
    private const int Tries = 6;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(12);

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("flash-sale", "Flash sale",
        "Many buyers want the same few units at the same moment, over HTTP and all at once. Not one unit more than there is may be sold, and a recount from order lines and ledger must agree with the stock.")
    {
        Parameters = [new("buyers", "Buyers", 500, 1, 5000), new("stock", "Units in stock", 50, 1, 5000)],
        Harm = "The store is as busy as in a small flash sale for some seconds.",
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        var (buyers, stock) = (stage["buyers"], stage["stock"]);
        await stage.SayAsync($"Making a product with {stock} units, in a flash sale that nobody sees", 5);
        var product = await goods.MakeAsync(stage, stock, ct);
        await goods.PutOnFlashSaleAsync(stage, product, limitPerCustomer: 1, ct);

        await stage.SayAsync($"{buyers} buyers press the button at once", 15);
        var answers = new ConcurrentDictionary<string, int>();
        var accepted = await BuyAsync(stage, product, buyers, answers, ct);
        var told = string.Join(", ", answers.OrderByDescending(a => a.Value).Select(a => $"{a.Value} {a.Key}"));
        await stage.SayAsync($"They were told: {told}. Waiting for the payments", 60);

        await stage.WaitAsync(async () => (await books.OrdersAsync(stage, ct)).Open == 0, TimeSpan.FromMinutes(5), "Not all accepted orders were settled within five minutes. Look whether a worker runs.", ct);
        await stage.SayAsync("Counting what was sold, from order lines and ledger", 90);
        var (orders, recount) = (await books.OrdersAsync(stage, ct), await books.RecountAsync(stage, ct));
        var throttled = answers.GetValueOrDefault("throttled");
        var lost = accepted > orders.Orders ? $"{accepted} buyers were told that they have an order, and there are {orders.Orders}" : null;
        stage.Figure(MetricTypes.DrillFlashBuyers, buyers, "Buyers at once", Wanted.AtLeast(1), told);
        stage.Figure(MetricTypes.DrillFlashOrders, orders.Orders, "Orders that came of it", Wanted.AtLeast(Math.Min(stock, Math.Max(1, buyers - throttled))));
        stage.Figure(MetricTypes.OversoldUnits, Math.Max(recount.Oversold, accepted - stock), "Units sold that there were not", Wanted.Zero, recount.Detail, ("source", "drill"));
        stage.Figure(MetricTypes.StockDifferences, recount.Differences + (lost is null ? 0 : accepted - orders.Orders), "Differences between lines, ledger, counter and answers", Wanted.Zero,
            lost ?? recount.Detail, ("source", "drill"));
    }

    private async Task<int> BuyAsync(DrillStage stage, DrillProduct product, int buyers, ConcurrentDictionary<string, int> answers, CancellationToken ct)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var accepted = 0;
        var crowd = Enumerable.Range(1, buyers).Select(async nr =>
        {
            await gate.Task;
            var said = await BuyAsync(stage, product, $"buyer-{nr}", ct);
            answers.AddOrUpdate(said, 1, (_, count) => count + 1);
            if (said == "accepted") Interlocked.Increment(ref accepted);
        }).ToList();
        gate.SetResult();
        await Task.WhenAll(crowd);
        return accepted;
    }

    // As a patient buyer: who is told to wait waits, and asks again under the same key.
    private async Task<string> BuyAsync(DrillStage stage, DrillProduct product, string buyer, CancellationToken ct)
    {
        var shopper = stage.Store.Shopper(buyer);
        for (var tries = 1; ; tries++)
        {
            var answer = await shopper.BuyFlashAsync(product.Sku, buyer, options.Value.PaymentMethod, ct);
            if (answer.Status == HttpStatusCode.Accepted) return "accepted";
            var mayComeAgain = answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            if (!mayComeAgain) return answer.Code.Length > 0 ? answer.Code : $"HTTP {(int)answer.Status}";
            if (tries == Tries) return answer.Status == HttpStatusCode.TooManyRequests ? "throttled" : "busy";
            var pause = answer.RetryAfter ?? TimeSpan.FromMilliseconds(500);
            await Task.Delay(pause < LongestPause ? pause : LongestPause, ct);
        }
    }
}
