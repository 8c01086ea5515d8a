using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Jobs.Board;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Jobs;

public sealed class IndexModel(JobBoard board, JobDecisions decisions, CurrentShopper staff) : PageModel
{
    /// <summary>The states that the list can show, in the order of their links.</summary>
    public static IReadOnlyList<WorkState> States { get; } = [WorkState.Running, WorkState.Waiting, WorkState.Failed, WorkState.Dead, WorkState.Done, WorkState.Discarded];

    public ListState List { get; private set; } = null!;

    public WorkState State { get; private set; }

    public WorkSummary Summary { get; private set; } = null!;

    public IReadOnlyList<RecurringJob> Recurring { get; private set; } = [];

    public PageOf<WorkItem> Work { get; private set; } = null!;

    public Task OnGetAsync(CancellationToken ct) => ShowAsync(ct);

    public Task<IActionResult> OnPostRunAsync(string job, CancellationToken ct) => DecideAsync(decisions.RunNowAsync(job, staff.Name, ct), $"{job} was asked for. It runs as soon as a worker has room.", ct);

    public Task<IActionResult> OnPostPauseAsync(string job, CancellationToken ct) => DecideAsync(decisions.PauseAsync(job, staff.Name, ct), $"{job} is paused. Its turns pass until you resume it.", ct);

    public Task<IActionResult> OnPostResumeAsync(string job, CancellationToken ct) => DecideAsync(decisions.ResumeAsync(job, staff.Name, ct), $"{job} runs again when its next turn comes.", ct);

    public string CountOf(WorkState state) => state switch
    {
        WorkState.Running => AdminText.Number(Summary.Running),
        WorkState.Failed => AdminText.Number(Summary.Failed),
        WorkState.Dead => AdminText.Number(Summary.Dead),
        _ => "",
    };

    private async Task<IActionResult> DecideAsync(Task<ServiceResult> decision, string done, CancellationToken ct)
    {
        if ((await decision).Error is { } refusal)
        {
            await ShowAsync(ct);
            return this.Refuse(refusal);
        }
        TempData[AdminText.Notice] = done;
        return LocalRedirect(AdminMenu.Jobs);
    }

    private async Task ShowAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Jobs, Request, "-time");
        Summary = await board.SumUpAsync(ct);
        State = List.Choice<WorkState>("state") ?? (Summary.Dead > 0 ? WorkState.Dead : WorkState.Running);
        Recurring = await board.RecurringAsync(ct);
        Work = await board.ListAsync(State, List.Search, List.Page, ct);
    }
}
