using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;
using Retail.Web.TagHelpers;

namespace Retail.Web.Areas.Admin.Pages.Orders;

/// <summary>One order: what was bought, what happened, and what can be done about it.</summary>
public sealed class DetailsModel(OrderQueries orders, OrderService service, RefundService refunds, CurrentShopper admin) : PageModel
{
    public OrderView Order { get; private set; } = null!;

    [BindProperty] public string? Tracking { get; set; }

    [BindProperty] public string? CancelReason { get; set; }

    /// <summary>The same form sent twice is the same refund.</summary>
    [BindProperty] public string? RefundKey { get; set; }

    /// <summary>Units by the line's place in the order, as typed.</summary>
    [BindProperty] public Dictionary<int, string?> Units { get; set; } = [];

    [BindProperty] public string? Amount { get; set; }

    [BindProperty] public string? Reason { get; set; }

    [BindProperty] public bool Restock { get; set; }

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        return Page();
    }

    public async Task<IActionResult> OnPostShipAsync(Guid id, CancellationToken ct) =>
        await FindAsync(id, ct) ? await AnswerAsync((await service.ShipAsync(id, admin.Name, Tracking ?? "", ct)).Error, "Marked as shipped. The shopper is told.", ct) : NotFound();

    public async Task<IActionResult> OnPostCancelAsync(Guid id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        var cancelled = await service.CancelAsync(id, admin.Name, CancelReason ?? "", ct);
        return await AnswerAsync(cancelled.Error is { Field: "Reason" } wrong ? wrong with { Field = nameof(CancelReason) } : cancelled.Error, "Cancelled. What was paid goes back.", ct);
    }

    public async Task<IActionResult> OnPostRefundAsync(Guid id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        var lines = new List<(int, int)>();
        foreach (var (position, typed) in Units)
        {
            if (string.IsNullOrWhiteSpace(typed)) continue;
            if (!int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var units)) ModelState.AddModelError($"Units[{position}]", RefundErrors.BadQuantity.Message);
            else lines.Add((position, units));
        }
        decimal? amount = null;
        if (!string.IsNullOrWhiteSpace(Amount))
        {
            if (decimal.TryParse(Amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var typed) && decimal.Round(typed, 2) == typed) amount = typed;
            else ModelState.AddModelError(nameof(Amount), "Write the amount as a number with at most two decimals, such as 12.50.");
        }
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var refunded = await refunds.RefundAsync(new RefundRequest
        {
            OrderId = id,
            Key = $"{id:N}-{RefundKey}"[..Math.Min(100, 33 + (RefundKey?.Length ?? 0))],
            Lines = lines,
            Amount = amount,
            Reason = Reason ?? "",
            Restock = Restock,
            By = admin.Name,
        }, ct);
        return await AnswerAsync(refunded.Error, refunded.Ok ? refunded.Value.Status switch
        {
            RefundStatus.Succeeded => $"{PriceText.Of(refunded.Value.Amount)} is on its way back.",
            RefundStatus.Pending => "The payment service does not answer; the refund is repeated until it does.",
            RefundStatus.Refused => "The payment service refused the refund; the reason stands beside it.",
            _ => throw new InvalidOperationException($"Refund {refunded.Value.Id} is {refunded.Value.Status}."),
        } : "", ct);
    }

    private async Task<IActionResult> AnswerAsync(ServiceError? refusal, string done, CancellationToken ct)
    {
        if (refusal is not null)
        {
            await FindAsync(Order.Id, ct);   // somebody else may have changed it
            return this.Refuse(refusal);
        }
        TempData[AdminText.Notice] = done;
        return LocalRedirect($"{AdminMenu.Orders}/{Order.Id}");
    }

    private async Task<bool> FindAsync(Guid id, CancellationToken ct)
    {
        if (await orders.FindForAdminAsync(id, ct) is not { } order) return false;
        Order = order;
        RefundKey ??= Guid.CreateVersion7().ToString("N");
        return true;
    }
}
