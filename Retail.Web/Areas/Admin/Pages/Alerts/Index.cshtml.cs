using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Quality.Alerts;

namespace Retail.Web.Areas.Admin.Pages.Alerts;

public sealed class IndexModel(AlertQueries alerts, TimeProvider clock) : PageModel
{
    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public ListState List { get; private set; } = null!;

    public IReadOnlyList<AlertView> Rules { get; private set; } = [];

    public PageOf<AlertEvent> History { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Alerts, Request, "-at");
        Rules = await alerts.ListAsync(ct);
        History = await alerts.HistoryAsync(null, List.Page, ct);
    }
}
