namespace Retail.Web.Areas.Admin;

/// <summary>The places of the admin area, in the order of the menu. A new page is one line here.</summary>
public static class AdminMenu
{
    public const string Home = "/admin/";
    public const string Orders = "/admin/orders";
    public const string Products = "/admin/products";
    public const string Categories = "/admin/categories";
    public const string FlashSales = "/admin/flash-sales";
    public const string Flags = "/admin/flags";
    public const string Reconciliation = "/admin/reconciliation";
    public const string Partners = "/admin/partners";
    public const string FeedRuns = "/admin/feed-runs";
    public const string Mail = "/admin/mail";
    public const string Drills = "/admin/drills";
    public const string Dashboard = "/metrics/dashboard/";
    public const string Metrics = "/admin/metrics";
    public const string Alerts = "/admin/alerts";
    public const string Scenarios = "/metrics/quality-scenarios/";
    public const string Jobs = "/admin/jobs";
    public const string Simulator = "/admin/simulator";

    public static IReadOnlyList<AdminPlace> Places { get; } =
    [
        new(Home, "Today"),
        new(Orders, "Orders", Group: "Shop"),
        new(Products, "Products"),
        new(Categories, "Categories"),
        new(FlashSales, "Flash sales"),
        new(Partners, "Partners", Group: "Partners"),
        new(FeedRuns, "Feed runs"),
        new(Jobs, "Jobs", Group: "Run"),
        new(Alerts, "Alerts"),
        new(Mail, "Mail"),
        new(Flags, "Flags"),
        new(Reconciliation, "Reconciliation"),
        new(Drills, "Drills"),
        new(Dashboard, "Dashboard", Group: "Quality"),
        new(Scenarios, "Quality scenarios"),
        new(Metrics, "Metric rows"),
        new(Simulator, "Payment simulator", Group: "Try out", InProduction: false),
    ];
}

/// <summary>A place in the menu; <paramref name="Group"/> is the heading that begins with it.</summary>
public sealed record AdminPlace(string Href, string Text, string? Group = null, bool InProduction = true);
