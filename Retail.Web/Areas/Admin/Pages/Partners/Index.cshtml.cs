using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Partners;
using Retail.Core.Partners.Formats;

namespace Retail.Web.Areas.Admin.Pages.Partners;

public sealed class IndexModel(PartnerQueries queries, FeedFormats formats) : PageModel
{
    public ListState List { get; private set; } = null!;

    public PageOf<PartnerRow> Partners { get; private set; } = null!;

    public string FormatName(string key) => formats.Find(key)?.Name ?? key;

    public async Task OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Partners, Request, "name");
        Partners = await queries.ListAsync(List.Search, List.Page, ct);
    }
}
