using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Inventory;
using Retail.Web.Infrastructure;

namespace Retail.Web.Areas.Admin.Pages.FlashSales;

/// <summary>Makes a flash sale (the id is then "new"), changes or ends one.</summary>
public sealed class EditModel(FlashSaleService sales, TimeProvider clock) : PageModel
{
    public const string New = "new";
    private const string Minute = "yyyy-MM-ddTHH:mm";

    [BindProperty] public FlashSaleForm Form { get; set; } = new();

    /// <summary>The sale as it is stored; null for a new one.</summary>
    public FlashSaleRow? Saved { get; private set; }

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public string Address => $"{AdminMenu.FlashSales}/{Saved?.Id.ToString() ?? New}";

    public async Task<IActionResult> OnGetAsync(string id, string? sku, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (Saved is { } saved) Fill(saved.Sale);
        else (Form.Sku, Form.StartsAt, Form.EndsAt) = (sku, Write(Now.AddHours(1)), Write(Now.AddHours(3)));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        if (Read() is not { } draft)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        if ((await sales.SaveAsync(draft, ct)).Error is { } refusal)
        {
            // It was told: saving once more, after comparing, is meant to stand.
            if (refusal.Code == "changed_meanwhile") Form.Seen = Saved?.Sale.UpdatedAt.UtcTicks;
            return this.Refuse(refusal, "Form.");
        }
        TempData[AdminText.Notice] = "Saved. The store shows it now.";
        return LocalRedirect(AdminMenu.FlashSales);
    }

    public async Task<IActionResult> OnPostEndAsync(string id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct) || Saved is not { } saved) return NotFound();
        ModelState.Clear();
        Fill(saved.Sale);
        if ((await sales.EndAsync(saved.Id, ct)).Error is { } refusal) return this.Refuse(refusal);
        TempData[AdminText.Notice] = $"The flash sale of \u201c{saved.Product}\u201d has ended.";
        return LocalRedirect(AdminMenu.FlashSales);
    }

    private async Task<bool> FindAsync(string id, CancellationToken ct)
    {
        if (id == New) return true;
        Saved = Guid.TryParse(id, out var key) ? await sales.FindAsync(key, ct) : null;
        return Saved is not null;
    }

    private void Fill(FlashSale sale) => Form = new()
    {
        Seen = sale.UpdatedAt.UtcTicks,
        Price = sale.Price.Amount.ToString("0.00", CultureInfo.InvariantCulture),
        StartsAt = Write(sale.StartsAt),
        EndsAt = Write(sale.EndsAt),
        Quantity = sale.Quantity.ToString(CultureInfo.InvariantCulture),
        LimitPerCustomer = sale.LimitPerCustomer.ToString(CultureInfo.InvariantCulture),
    };

    private FlashSaleDraft? Read()
    {
        var price = decimal.TryParse(Form.Price?.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : Wrong("Price", "Write the price as a number, such as 12.50.");
        var quantity = int.TryParse(Form.Quantity?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var units) ? units : Wrong("Quantity", "Write the units as a whole number, such as 50.");
        var limit = int.TryParse(Form.LimitPerCustomer?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : Wrong("LimitPerCustomer", "Write the limit as a whole number, such as 2.");
        var (starts, ends) = (ReadTime(Form.StartsAt, "StartsAt", Saved?.Sale.StartsAt), ReadTime(Form.EndsAt, "EndsAt", Saved?.Sale.EndsAt));
        return !ModelState.IsValid ? null : new FlashSaleDraft
        {
            Id = Saved?.Id, Seen = Form.Seen is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null, Sku = Form.Sku ?? "",
            Price = price, StartsAt = starts, EndsAt = ends, Quantity = quantity, LimitPerCustomer = limit,
        };
    }

    // The field shows minutes: a time that was not touched keeps its seconds.
    private DateTimeOffset ReadTime(string? text, string field, DateTimeOffset? saved)
    {
        if (saved is { } kept && text == Write(kept)) return kept;
        if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return new(time, TimeSpan.Zero);
        Wrong(field, "Choose day and time, in UTC.");
        return default;
    }

    private int Wrong(string field, string message)
    {
        ModelState.AddModelError("Form." + field, message);
        return 0;
    }

    private static string Write(DateTimeOffset at) => at.UtcDateTime.ToString(Minute, CultureInfo.InvariantCulture);

    /// <summary>What was typed, as it was typed.</summary>
    public sealed class FlashSaleForm
    {
        public long? Seen { get; set; }

        public string? Sku { get; set; }

        public string? Price { get; set; }

        public string? StartsAt { get; set; }

        public string? EndsAt { get; set; }

        public string? Quantity { get; set; }

        public string? LimitPerCustomer { get; set; } = "2";
    }
}
