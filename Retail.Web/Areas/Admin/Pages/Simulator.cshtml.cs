using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Payments.Gateway;
using Retail.Web.GatewaySimulator;

namespace Retail.Web.Areas.Admin.Pages;

/// <summary>Tells the payment simulator what to do wrong, and shows its books. Outside production only.</summary>
internal sealed class SimulatorModel(SimulatorFaults faults, SimulatorBooks books, GatewayPipeline circuit, IHostEnvironment host) : PageModel
{
    private const int LongestDelay = 600_000;

    [BindProperty] public FaultMode Mode { get; set; }

    [BindProperty] public string? Percent { get; set; } = "100";

    [BindProperty] public string? DelayMs { get; set; } = "3000";

    [BindProperty] public string? Calls { get; set; }

    public Fault Now => faults.Now;

    public string Circuit => circuit.Current.MetricName();

    public IReadOnlyList<BooksRow> Books { get; private set; } = [];

    public static string Words(FaultMode mode) => mode switch
    {
        FaultMode.None => "Are answered as they should be",
        FaultMode.Decline => "Charges are declined",
        FaultMode.Delay => "Are answered late",
        FaultMode.Hang => "Are never answered",
        FaultMode.Error500 => "Are answered with HTTP 500",
        FaultMode.Cut => "Are cut off",
        FaultMode.SucceedSilently => "Succeed, but the answer is cut off: only the webhook tells",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode."),
    };

    public async Task<IActionResult> OnGetAsync()
    {
        if (host.IsProduction()) return NotFound();
        var now = Now;
        (Mode, Percent, DelayMs, Calls) = (now.Mode, Text(now.Share * 100), Text(now.DelayMs), now.Calls is { } calls ? Text(calls) : "");
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (host.IsProduction()) return NotFound();
        var percent = Read(nameof(Percent), Percent, 0, 100, "Write the share as a whole number from 0 to 100.");
        var delay = Read(nameof(DelayMs), DelayMs, 0, LongestDelay, "Write the delay as milliseconds, at most 600000.");
        int? calls = string.IsNullOrWhiteSpace(Calls) ? null : Read(nameof(Calls), Calls, 1, int.MaxValue, "Write how often as a whole number above 0, or nothing.");
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return await ShowAsync();
        }
        faults.Now = new Fault(Mode, percent / 100d, delay, calls);
        TempData[AdminText.Notice] = Mode == FaultMode.None ? "Calls are answered as they should be." : "Set.";
        return LocalRedirect(AdminMenu.Simulator);
    }

    private static string Text(double number) => number.ToString("0", CultureInfo.InvariantCulture);

    private int Read(string field, string? typed, int least, int most, string message)
    {
        if (int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        ModelState.AddModelError(field, message);
        return least;
    }

    private async Task<IActionResult> ShowAsync()
    {
        Books = await books.SumUpAsync();
        return Page();
    }
}
