using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Notifications;

namespace Retail.Web.Areas.Admin.Pages.Mail;

public sealed class DetailsModel(NotificationQueries queries, MailProviders providers) : PageModel
{
    // A mail has inline styles, which our pages may not; so it is a document of its own, which may nothing else.
    private const string MailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'";

    public Notification Message { get; private set; } = null!;

    public IReadOnlyList<NotificationTry> Tries { get; private set; } = [];

    public bool IsFolder => providers.IsFolder;

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
    {
        if (await queries.FindAsync(id, ct) is not { } found) return NotFound();
        (Message, Tries) = found;
        return Page();
    }

    public async Task<IActionResult> OnGetHtmlAsync(Guid id, CancellationToken ct)
    {
        if (await queries.FindAsync(id, ct) is not { Message.Html: { } html }) return NotFound();
        Response.Headers.ContentSecurityPolicy = MailPolicy;
        Response.Headers.XFrameOptions = "SAMEORIGIN";
        Response.Headers.CacheControl = "no-store";
        return Content(html, "text/html; charset=utf-8");
    }
}
