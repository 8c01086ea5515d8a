using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>The same order is sent many times at once: a nervous click, a second tab, a program that repeats.</summary>
public sealed class DuplicateCheckoutDrill(DrillGoods goods, DrillBooks books, IOptions<DrillsOptions> options) : IDrill
{
    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("duplicate-checkout", "Duplicate checkout",
        "One checkout form and one flash order are each sent many times at the same moment under the same key. Each must come to one order and one charge, and everybody is told of it.")
    {
        Parameters = [new("times", "Times at once", 20, 2, 500)],
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        var times = stage["times"];
        await stage.SayAsync("Making two products that nobody sees", 10);
        var (product, flash) = (await goods.MakeAsync(stage, times + 10, ct), await goods.MakeAsync(stage, times + 10, ct));
        await goods.PutOnFlashSaleAsync(stage, flash, limitPerCustomer: 20, ct);

        await stage.SayAsync($"Sending the same checkout form {times} times at once", 30);
        var shopper = stage.Store.Shopper("twin");
        await shopper.FillCartAsync(product.VariantId, ct);
        var form = await shopper.FillCheckoutAsync(ct);
        var pages = await Task.WhenAll(Enumerable.Range(0, times).Select(_ => shopper.PlaceAsync(form, ct)));
        await ReportAsync(stage, "page", times, pages, pages.Where(p => p.Path.StartsWith("/orders/", StringComparison.Ordinal)).Select(p => p.Path), product, ct);

        await stage.SayAsync($"Sending the same flash order {times} times at once", 60);
        var answers = await Task.WhenAll(Enumerable.Range(1, times).Select(nr => stage.Store.Shopper($"twin-{nr}").BuyFlashAsAsync(stage.Store.MailOf("twin"), flash.Sku, "twin", options.Value.PaymentMethod, ct)));
        await ReportAsync(stage, "program", times, answers, answers.Where(a => a.Status == HttpStatusCode.Accepted).Select(a => JsonDocument.Parse(a.Text).RootElement.GetProperty("id").GetString()!), flash, ct);
    }

    private async Task ReportAsync(
        DrillStage stage, string way, int times, IReadOnlyList<DrillAnswer> answers, IEnumerable<string> told, DrillProduct product, CancellationToken ct)
    {
        await stage.WaitAsync(async () => (await books.OrdersAsync(stage, ct)).Open == 0, TimeSpan.FromMinutes(2), "The order was not settled within two minutes. Look whether the gateway answers.", ct);
        var orders = await books.OrdersOfAsync(product.VariantId, ct);
        var charges = (await books.ChargesAsync(stage, orders, ct)).Sum(c => c.Charges);
        var said = string.Join(", ", answers.GroupBy(a => a.Status).Select(g => $"{g.Count()} × HTTP {(int)g.Key}"));
        var different = told.Distinct().Count();
        var isPage = way == "page";
        stage.Figure(MetricTypes.DuplicateCheckoutsTried, times, isPage ? "Times the same form was sent" : "Times the same flash order was sent", Wanted.AtLeast(2), said, ("way", way));
        // No order at all is as wrong as two.
        stage.Figure(MetricTypes.DuplicateOrders, Math.Max(orders.Count, different) - 1, "Orders beyond the first", Wanted.Zero, $"{orders.Count} orders, callers were told of {different}", ("way", way));
        stage.Figure(MetricTypes.DuplicateCharges, charges - 1, "Charges beyond the first, by the gateway", Wanted.Zero, $"{charges} charges", ("way", way));
    }
}
