using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Orders;

/// <summary>A signed-in shopper's orders.</summary>
[Personal, Authorize]
public sealed class IndexModel(OrderQueries orders, CurrentShopper shopper) : PageModel
{
    private const int LastPage = 10_000;

    public PageOf<OrderRow> Orders { get; private set; } = null!;

    public async Task OnGetAsync([FromQuery(Name = "page")] int number, CancellationToken ct) =>
        Orders = await orders.ListForCustomerAsync(shopper.CustomerId!.Value, Math.Clamp(number, 1, LastPage), ct);
}
