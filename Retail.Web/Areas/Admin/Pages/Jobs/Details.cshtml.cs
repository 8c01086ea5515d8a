using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Jobs.Board;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Jobs;

public sealed class DetailsModel(JobBoard board, JobDecisions decisions, CurrentShopper staff) : PageModel
{
    public WorkItem Work { get; private set; } = null!;

    public Task<IActionResult> OnGetAsync(string id, CancellationToken ct) => ShowAsync(id, null, ct);

    public Task<IActionResult> OnPostRequeueAsync(string id, CancellationToken ct) => DecideAsync(id, decisions.RequeueAsync(id, staff.Name, ct), "It waits for a worker again, with all its tries.", ct);

    public Task<IActionResult> OnPostDiscardAsync(string id, CancellationToken ct) => DecideAsync(id, decisions.DiscardAsync(id, staff.Name, ct), "It is discarded and will not be done.", ct);

    private async Task<IActionResult> DecideAsync(string id, Task<ServiceResult> decision, string done, CancellationToken ct)
    {
        if ((await decision).Error is { } refusal) return await ShowAsync(id, refusal, ct);
        TempData[AdminText.Notice] = done;
        return LocalRedirect($"{AdminMenu.Jobs}/{id}");
    }

    private async Task<IActionResult> ShowAsync(string id, ServiceError? refusal, CancellationToken ct)
    {
        if (await board.FindAsync(id, ct) is not { } work) return NotFound();
        Work = work;
        return refusal is null ? Page() : this.Refuse(refusal);
    }
}
