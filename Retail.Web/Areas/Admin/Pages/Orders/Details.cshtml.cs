using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Orders;

namespace Retail.Web.Areas.Admin.Pages.Orders;

public sealed class DetailsModel(OrderQueries orders) : PageModel
{
    public OrderView Order { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
    {
        if (await orders.FindForAdminAsync(id, ct) is not { } order) return NotFound();
        Order = order;
        return Page();
    }
}
