using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Retail.Core.Accounts;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Account;

/// <summary>Asks for a link to choose a new password. Answers the same whether or not there is such an account.</summary>
[Personal, EnableRateLimiting(Storefront.GuessingLimit)]
public sealed class ForgotModel(PasswordResets resets) : PageModel
{
    [BindProperty, Required(ErrorMessage = "Write the email of your account."), MaxLength(EmailAttribute.MaxLength), Email]
    public string Email { get; set; } = "";

    public bool IsSent { get; private set; }

    public void OnGet(bool sent = false) => IsSent = sent;

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        await resets.AskAsync(Email, ct);
        return Redirect("/account/forgot?sent=true");
    }
}
