using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Quality.Drills;

/// <summary>The gateway fails while shoppers pay, and comes back.</summary>
public sealed partial class PaymentOutageDrill(DrillGoods goods, DrillBooks books, FaultModes modes, IOptions<PaymentsOptions> payments) : IDrill
{
    private const double FastFailMs = 100, NoticeMs = 1000, SettledPercent = 95;
    private const int NoticeWords = 30;
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromSeconds(3);

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("payment-outage", "Payment outage",
        "The gateway's simulator fails until the store's circuit opens; shoppers must be told within a second and keep what they have. When it is back, every order must be paid, once.")
    {
        Parameters = [new("orders", "Orders while the circuit is open", 10, 1, 200), new("open-within", "Seconds within which the circuit must open", 150, 2, 600)],
        Harm = "Only the drill's own payments fail. But the circuit is the whole node's: while it is open (Payments:BreakerOpenFor, one minute), orders of real shoppers are kept and charged a little later. "
            + "If other payments succeed meanwhile and keep the circuit closed, the drill after a minute lets all payments of the node fail until it opens. It ends when the circuit is closed and all is settled.",
        NeedsSimulator = true,
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        await stage.SayAsync("Making a product that nobody sees", 3);
        var product = await goods.MakeAsync(stage, 1000, ct);
        await stage.SayAsync("Trying each fault of the simulator twice, on charges of the drill's own", 8);
        await modes.TryAsync(stage, ct);
        try
        {
            await stage.SayAsync("The gateway answers the drill's payments with HTTP 500 until the circuit opens", 20);
            await OpenCircuitAsync(stage, product, ct);
            await stage.SayAsync($"The circuit is open: {stage["orders"]} shoppers check out", 35);
            var notices = new List<Notice>();
            for (var nr = 1; nr <= stage["orders"]; nr++) notices.Add(await CheckOutAsync(stage, product, $"during-{nr}", "delayed", ct));
            await stage.SayAsync("The card vault fails too: one more shopper checks out", 45);
            await modes.SetAsync(stage, new { mode = "error500", vault = true, drill = stage.Id }, ct);
            notices.Add(await CheckOutAsync(stage, product, "no-vault", "card_not_checked", ct));
            Judge(stage, notices);
        }
        finally
        {
            await modes.ClearAsync(stage, CancellationToken.None);
        }
        await stage.SayAsync("The gateway is well again: waiting until the circuit is closed", 55);
        await CloseCircuitAsync(stage, product, ct);
        await stage.SayAsync("The circuit is closed: waiting until every order is settled", 75);
        await stage.WaitAsync(async () => (await books.OrdersAsync(stage, ct)).Open == 0, TimeSpan.FromMinutes(10), null, ct);
        await JudgeAsync(stage, ct);
    }

    private async Task OpenCircuitAsync(DrillStage stage, DrillProduct product, CancellationToken ct)
    {
        var (began, shoppers, isWide) = (TimeProvider.System.GetTimestamp(), 0, false);
        // What succeeded before the drill counts for so long; what succeeds after that is somebody's order of just now.
        var alone = payments.Value.BreakerWindow + TimeSpan.FromSeconds(5);
        await modes.SetAsync(stage, new { mode = "error500", drill = stage.Id }, ct);
        while (await CircuitAsync(stage, ct) != "OPEN")
        {
            var waited = TimeProvider.System.GetElapsedTime(began);
            if (waited.TotalSeconds > stage["open-within"])
                throw new DrillBrokenException($"The circuit did not open within {stage["open-within"]} seconds, although every payment failed: shoppers wait for a dead gateway. Look at Payments:BreakerFailures.");
            if (!isWide && waited > alone)
            {
                isWide = true;
                await stage.SayAsync("Other payments succeed and keep the circuit closed: now all payments of the node fail", 25);
                await modes.SetAsync(stage, new { mode = "error500" }, ct);
            }
            var shopper = stage.Store.Shopper($"before-{++shoppers}", stage.Store.Nodes[0]);
            await shopper.FillCartAsync(product.VariantId, ct);
            await shopper.PlaceAsync(await shopper.FillCheckoutAsync(ct), ct);
        }
    }

    private static async Task<Notice> CheckOutAsync(DrillStage stage, DrillProduct product, string name, string notice, CancellationToken ct)
    {
        var shopper = stage.Store.Shopper(name, stage.Store.Nodes[0]);
        await shopper.FillCartAsync(product.VariantId, ct);
        var page = await shopper.PlaceAsync(await shopper.FillCheckoutAsync(ct), ct);
        var hasOrder = page.Path.StartsWith("/orders/", StringComparison.Ordinal);
        var words = (hasOrder ? OrderNotice() : CheckoutNotice()).Match(page.Text) is { Success: true } found ? WebUtility.HtmlDecode(Tags().Replace(found.Groups[1].Value, " ")).Trim() : "";
        // What was in the cart is either still there or in an order that stands.
        var isLost = !hasOrder && await shopper.CartUnitsAsync(ct) == 0;
        var seen = new Notice(Math.Round(page.Elapsed.TotalMilliseconds, 1), words, words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, isLost);
        stage.Evidence(MetricTypes.PaymentNoticeMs, seen.Ms, ("notice", notice), ("status", (int)page.Status), ("words", words));
        stage.Evidence(MetricTypes.PaymentNoticeWords, seen.Count, ("notice", notice));
        stage.Evidence(MetricTypes.PaymentNoticeCartLost, isLost ? 1 : 0, ("notice", notice));
        return seen;
    }

    private static void Judge(DrillStage stage, List<Notice> notices)
    {
        var said = string.Join(" / ", notices.Select(n => n.Words).Distinct().Select(words => $"\u201c{words}\u201d"));
        stage.Recorded(MetricTypes.PaymentNoticeMs, notices.Max(n => n.Ms), "Milliseconds until the page says so, the slowest", Wanted.AtMost(NoticeMs), $"{notices.Count} shoppers");
        // A page that says nothing has no words, and is no notice.
        var (shortest, longest) = (notices.Min(n => n.Count), notices.Max(n => n.Count));
        stage.Recorded(MetricTypes.PaymentNoticeWords, shortest == 0 ? 0 : longest, "Words of that notice, the longest", new Wanted($"1 to {NoticeWords}", count => count is >= 1 and <= NoticeWords), said);
        stage.Recorded(MetricTypes.PaymentNoticeCartLost, notices.Count(n => n.IsLost), "Carts lost: neither goods in the cart nor an order", Wanted.Zero);
    }

    // An open circuit tries the gateway at the next payment after its pause, so somebody has to pay.
    private static async Task CloseCircuitAsync(DrillStage stage, DrillProduct product, CancellationToken ct)
    {
        var (probes, last) = (0, 0L);
        await stage.WaitAsync(async () =>
        {
            if (await CircuitAsync(stage, ct) == "CLOSED") return true;
            if (probes > 0 && TimeProvider.System.GetElapsedTime(last) < BetweenProbes) return false;
            last = TimeProvider.System.GetTimestamp();
            var shopper = stage.Store.Shopper($"after-{++probes}", stage.Store.Nodes[0]);
            await shopper.FillCartAsync(product.VariantId, ct);
            await shopper.PlaceAsync(await shopper.FillCheckoutAsync(ct), ct);
            return false;
        }, TimeSpan.FromMinutes(5), "The circuit did not close within five minutes, although the gateway is well.", ct);
    }

    private async Task JudgeAsync(DrillStage stage, CancellationToken ct)
    {
        await stage.SayAsync("Asking the gateway how often each order was charged", 92);
        var orders = await books.OrdersAsync(stage, ct);
        var charges = await books.ChargesAsync(stage, await books.OrderIdsAsync(stage, ct), ct);
        var once = charges.Count(c => c.Charges == 1);
        stage.Figure(MetricTypes.DrillPaymentsSettledPercent, orders.Orders == 0 ? 0 : Math.Round(100.0 * Math.Min(orders.Paid, once) / orders.Orders, 1), "Percent of the orders paid in the end", Wanted.AtLeast(SettledPercent),
            $"{orders.Paid} of {orders.Orders} paid, {once} charged once, {orders.Open} still open");
        stage.Figure(MetricTypes.DrillDoubledCharges, charges.Sum(c => Math.Max(0, c.Charges - 1)), "Charges beyond one an order, by the gateway", Wanted.Zero);
        // The store measures by itself how long a shopper waited for an open circuit; it writes once a second.
        IReadOnlyList<double> waits = [];
        await stage.WaitAsync(async () => (waits = await books.MetricsAsync(stage, MetricTypes.PaymentFastFailMs, ct)).Count >= stage["orders"], TimeSpan.FromSeconds(15), null, ct);
        var p95 = waits.Count == 0 ? double.PositiveInfinity : waits.Order().ElementAt((int)Math.Ceiling(0.95 * waits.Count) - 1);
        stage.Recorded(MetricTypes.PaymentFastFailMs, waits.Count == 0 ? -1 : Math.Round(p95, 2), "Milliseconds that the charge took with the circuit open, p95, by the store itself",
            new($"< {FastFailMs}", value => value >= 0 && value < FastFailMs), $"{waits.Count} measured");
    }

    private static async Task<string> CircuitAsync(DrillStage stage, CancellationToken ct) => (await stage.Store.AboutAsync(stage.Store.Nodes[0], ct)).Circuit;

    private sealed record Notice(double Ms, string Words, int Count, bool IsLost);

    [GeneratedRegex("<p class=\"lede\">(.*?)</p>", RegexOptions.Singleline)]
    private static partial Regex OrderNotice();

    [GeneratedRegex("class=\"error-summary\".*?<h2>(.*?)</h2>", RegexOptions.Singleline)]
    private static partial Regex CheckoutNotice();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tags();
}
