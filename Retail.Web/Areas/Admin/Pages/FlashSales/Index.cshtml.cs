using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Inventory;

namespace Retail.Web.Areas.Admin.Pages.FlashSales;

public sealed class IndexModel(FlashSaleService sales, TimeProvider clock) : PageModel
{
    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public IReadOnlyList<FlashSaleRow> Sales { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) => Sales = await sales.ListAsync(ct);
}
