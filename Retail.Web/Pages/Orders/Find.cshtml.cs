using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Orders;

/// <summary>A guest's way back to an order: its number and the email it was ordered with.</summary>
[Personal, EnableRateLimiting(Storefront.GuessingLimit)]
public sealed class FindModel(OrderQueries orders, CurrentShopper shopper) : PageModel
{
    [BindProperty, Required(ErrorMessage = "Write the order number."), MaxLength(30, ErrorMessage = "An order number is shorter than that.")]
    public string Number { get; set; } = "";

    [BindProperty, Required(ErrorMessage = "Write the email you ordered with."), MaxLength(EmailAttribute.MaxLength), Email]
    public string Email { get; set; } = "";

    public void OnGet() { }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        // People copy "Order 100001" or "#100001": the digits are the number.
        var digits = string.Concat(Number.Where(char.IsAsciiDigit));
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await orders.FindByNumberAsync(number, Email, ct) is { } id)
        {
            shopper.RememberOrder(id);
            return Redirect($"/orders/{id}");
        }
        // Which of the two was wrong is nobody's business.
        return this.Refuse(OrderErrors.Unknown);
    }
}
