using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Quality.Drills;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.Drills;

/// <summary>The drills that there are, with a button each for who may, and what came of those that were run.</summary>
public sealed class IndexModel(DrillQueries queries, DrillDesk desk, IAuthorizationService rights, IOptions<DrillsOptions> options, IHostEnvironment host, CurrentShopper shopper) : PageModel
{
    public ListState List { get; private set; } = null!;

    public PageOf<DrillRun> Runs { get; private set; } = null!;

    /// <summary>The latest run of each drill, by its name.</summary>
    public IReadOnlyDictionary<string, DrillRun> Latest { get; private set; } = new Dictionary<string, DrillRun>();

    public DrillRun? Running => Latest.Values.FirstOrDefault(d => d.Status == DrillStatus.Running);

    public bool MayRun { get; private set; }

    /// <summary>In production, without the setting that allows it.</summary>
    public bool IsForbiddenHere => host.IsProduction() && !options.Value.AllowInProduction;

    public Task OnGetAsync(CancellationToken ct) => LoadAsync(ct);

    public async Task<IActionResult> OnPostAsync(string? drill, CancellationToken ct)
    {
        await LoadAsync(ct);
        if (!MayRun) return Forbid();
        if (DrillPlans.Find(drill ?? "") is not { } plan) return NotFound();
        var numbers = new Dictionary<string, int>();
        foreach (var parameter in plan.Parameters)
        {
            var field = FieldOf(plan, parameter);
            if (int.TryParse(Request.Form[field].ToString().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= parameter.Min && number <= parameter.Max)
                numbers[parameter.Name] = number;
            else ModelState.AddModelError(field, $"{parameter.Label}: write a whole number from {parameter.Min} to {parameter.Max}.");
        }
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var own = StoreHost.OwnAddress(HttpContext.RequestServices) ?? throw new InvalidOperationException("A node that answers listens somewhere.");
        var begun = await desk.StartAsync(new DrillWish
        {
            Name = plan.Name,
            Parameters = numbers,
            Nodes = options.Value.Nodes is { Count: > 0 } nodes ? nodes : [own],
            AskedBy = User.Identity?.Name ?? shopper.Name,
        }, ct);
        return begun.Error is { } refusal ? this.Refuse(refusal) : LocalRedirect($"{AdminMenu.Drills}/{begun.Value}");
    }

    public static string FieldOf(DrillPlan plan, DrillParameter parameter) => $"{plan.Name}.{parameter.Name}";

    /// <summary>What a field shows: what was typed, else the default.</summary>
    public string Typed(DrillPlan plan, DrillParameter parameter) =>
        Request.HasFormContentType && Request.Form[FieldOf(plan, parameter)] is { Count: > 0 } typed ? typed.ToString() : parameter.Default.ToString(CultureInfo.InvariantCulture);

    private async Task LoadAsync(CancellationToken ct)
    {
        List = new(AdminMenu.Drills, Request, "-started");
        Runs = await queries.ListAsync(List.Search, DrillPlans.Find(List["drill"])?.Name ?? "", List.Choice<DrillStatus>("status"), List.Page, ct);
        Latest = await queries.LatestAsync(ct);
        MayRun = (await rights.AuthorizeAsync(User, Policies.Drills)).Succeeded;
    }
}
