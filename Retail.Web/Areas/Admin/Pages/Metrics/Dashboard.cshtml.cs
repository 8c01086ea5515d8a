using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Quality.Measures;
using Retail.Web.Areas.Admin.Charts;

namespace Retail.Web.Areas.Admin.Pages.Metrics;

/// <summary>How the store is doing: sales, payments, speed, errors and the parts it is made of.</summary>
public sealed class DashboardModel(DashboardReader dashboard, IOptions<StoreOptions> store) : PageModel
{
    /// <summary>The periods that there is a link to.</summary>
    public static readonly int[] Periods = [1, 7, 30, 90];

    public Dashboard Data { get; private set; } = null!;

    public int Days => Data.Period.Days;

    public IReadOnlyList<FigureCard> Cards { get; private set; } = [];

    public IReadOnlyList<Chart> Charts { get; private set; } = [];

    public IReadOnlyList<(string Name, string Value, string Note)> More { get; private set; } = [];

    public IReadOnlyList<PartState> Parts { get; private set; } = [];

    /// <summary>One number each, for the first glance: what is not well, in words.</summary>
    public IReadOnlyList<string> Worries => [.. Parts.Where(p => p.Badge.Class != "good").Select(p => $"{p.Name} {p.Badge.Text.ToLowerInvariant()}: {p.Text}")];

    public async Task<IActionResult> OnGetAsync([FromQuery] string? days, CancellationToken ct)
    {
        var asked = int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Period.MostDays ? number : 7;
        Data = await dashboard.ReadAsync(asked, ct);
        Cards = CardsOf(Data);
        Charts = DashboardCharts.Of(Data, store.Value.Currency);
        More = MoreOf(Data.Now);
        Parts = PartState.Of(Data.Health, Data.Period.To);
        return Page();
    }

    private static List<FigureCard> CardsOf(Dashboard data)
    {
        var (now, before) = (data.Now, data.Before);
        var against = data.Period.Days <= 7 ? "the week before" : $"the {data.Period.Days} days before";
        return
        [
            new("Orders today", Figures.Count(data.Orders.Today), $"{Figures.Count(data.Orders.WeekBefore)} by this time a week ago",
                Change.Of(data.Orders.Today, data.Orders.WeekBefore, "a week ago", moreIsGood: true)),
            new("Error rate", Figures.Percent(now.ErrorRate), $"{Figures.Count(now.Errors)} of {Figures.Count(now.Requests)} requests, {Figures.Count(now.ServerErrors)} our fault",
                Change.Of(now.ErrorRate, before.ErrorRate, against, moreIsGood: false, inPoints: true)),
            new("Payment success", Figures.Percent(now.PaymentSuccessRate),
                $"{Figures.Count(now.Payments.Captured)} of {Figures.Count(now.Payments.Captured + now.Payments.Declined + now.Payments.Abandoned)} payments",
                Change.Of(now.PaymentSuccessRate, before.PaymentSuccessRate, against, moreIsGood: true, inPoints: true)),
            new("Response time, p95", Figures.Ms(now.ResponseTime.P95), $"p50 {Figures.Ms(now.ResponseTime.P50)}, p99 {Figures.Ms(now.ResponseTime.P99)}",
                Change.Of(now.ResponseTime.P95, before.ResponseTime.P95, against, moreIsGood: false)),
        ];
    }

    private static List<(string, string, string)> MoreOf(Summary now) =>
    [
        ("Stock conflicts", Figures.Count(now.StockConflicts), "0 is the promise"),
        ("Refunds", Figures.Count(now.Refunds), "paid out"),
        ("Throttled", Figures.Count(now.Throttled), "requests that came too often"),
        ("Carts left behind", Figures.Percent(now.CartAbandonment), "of carts with goods"),
        ("Checkouts completed", Figures.Percent(now.CheckoutConversion), "of those begun"),
        ("Searches without a hit", Figures.Percent(now.EmptySearches), "of all searches"),
        ("Pages without a query", Figures.Percent(now.ReadModelHits), "of catalogue pages"),
    ];
}
