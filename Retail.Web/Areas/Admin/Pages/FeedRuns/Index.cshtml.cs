using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Partners;
using Retail.Core.Partners.Runs;

namespace Retail.Web.Areas.Admin.Pages.FeedRuns;

public sealed class IndexModel(FeedRunQueries queries, PartnerQueries partners) : PageModel
{
    public ListState List { get; private set; } = null!;

    public PageOf<FeedRunRow> Runs { get; private set; } = null!;

    public IReadOnlyList<(Guid Id, string Name)> Partners { get; private set; } = [];

    public static string OriginOf(FeedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var how = run.Origin switch
        {
            FeedOrigin.Api => "Sent",
            FeedOrigin.Admin => "Uploaded",
            FeedOrigin.Address => "Fetched",
            FeedOrigin.Folder => "From a folder",
            _ => throw new ArgumentOutOfRangeException(nameof(run), run.Origin, "Not an origin."),
        };
        return run.IsDryRun ? how + ", only to check" : how;
    }

    public async Task OnGetAsync(CancellationToken ct)
    {
        List = new(AdminMenu.FeedRuns, Request, "-came");
        Partners = await partners.NamesAsync(ct);
        Runs = await queries.ListAsync(Guid.TryParse(List["partner"], out var partner) ? partner : null, List.Choice<FeedRunStatus>("status"), List.Page, ct);
    }
}
