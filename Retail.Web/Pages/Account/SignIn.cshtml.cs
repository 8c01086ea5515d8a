using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Retail.Core.Common;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Account;

/// <summary>Sign-in by email or user name.</summary>
[Personal, EnableRateLimiting(Storefront.GuessingLimit)]
public sealed class SignInModel(ShopperSession session) : PageModel
{
    private static readonly ServiceError NoMatch = new(Refusal.Invalid, "no_match", "Email and password don\u2019t match an account. Check both and try again.");
    private static readonly ServiceError Locked = new(Refusal.TooMany, "locked_out", "Too many tries. Please wait five minutes, then sign in again.");

    [BindProperty, Required(ErrorMessage = "Write your email."), MaxLength(EmailAttribute.MaxLength), PlainText]
    public string Email { get; set; } = "";

    [BindProperty, Required(ErrorMessage = "Write your password."), MaxLength(128), DataType(DataType.Password)]
    public string Password { get; set; } = "";

    [BindProperty] public bool Remember { get; set; }

    [BindProperty(SupportsGet = true)] public string? ReturnUrl { get; set; }

    public IActionResult OnGet() => User.Identity is { IsAuthenticated: true } ? Leave() : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var checkedIn = await session.CheckAsync(Email.Trim(), Password);
        if (checkedIn.IsLockedOut) return this.Refuse(Locked);
        if (!checkedIn.Succeeded || await session.FindAsync(Email.Trim()) is not { } customer) return this.Refuse(NoMatch);
        await session.BeginAsync(customer, Remember, ct);
        return Leave();
    }

    // Never to another site, whatever the address says.
    private LocalRedirectResult Leave() => LocalRedirect(Url.IsLocalUrl(ReturnUrl) ? ReturnUrl : "/");
}
