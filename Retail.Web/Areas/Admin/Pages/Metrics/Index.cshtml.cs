using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Metrics;

namespace Retail.Web.Areas.Admin.Pages.Metrics;

/// <summary>The metric rows themselves, to read.</summary>
public sealed class IndexModel(MetricRowQueries queries) : PageModel
{
    public static readonly IReadOnlyList<(string, string)> Types =
        [.. typeof(MetricTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal).Select(t => (t, t))];

    public ListState List { get; private set; } = null!;

    public PageOf<MetricRowView> Rows { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Metrics, Request, "-when");
        Rows = await queries.ListAsync(new(List["type"], Day("from"), Day("to")?.AddDays(1), List.Search, List["drills"] switch { "only" => true, "none" => false, _ => null }), List.Page, ct);
    }

    private DateTimeOffset? Day(string name) =>
        DateOnly.TryParseExact(List[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 3000
            ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
}
