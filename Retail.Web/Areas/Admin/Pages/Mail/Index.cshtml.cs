using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Notifications;

namespace Retail.Web.Areas.Admin.Pages.Mail;

public sealed class IndexModel(NotificationQueries queries, MailProviders providers) : PageModel
{
    public ListState List { get; private set; } = null!;

    public PageOf<NotificationRow> Messages { get; private set; } = null!;

    public bool IsFolder => providers.IsFolder;

    public async Task OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Mail, Request, "-made");
        Messages = await queries.ListAsync(List.Search, List.Choice<NotificationStatus>("status"), List.Page, ct);
    }
}
