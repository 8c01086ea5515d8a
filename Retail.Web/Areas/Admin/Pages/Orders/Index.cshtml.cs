using System.Globalization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Orders;

namespace Retail.Web.Areas.Admin.Pages.Orders;

public sealed class IndexModel(OrderAdminQueries queries) : PageModel
{
    public ListState List { get; private set; } = null!;

    public PageOf<AdminOrderRow> Orders { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Orders, Request, "-placed");
        Orders = await queries.ListAsync(new OrderFilter
        {
            Search = List.Search,
            Status = List.Choice<OrderStatus>("status"),
            From = Day("from"),
            To = Day("to"),
            Sort = List.SortBy<OrderSort>(),
            Descending = List.Descending,
            Page = List.Page,
        }, ct);
    }

    private DateOnly? Day(string name) =>
        DateOnly.TryParseExact(List[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
