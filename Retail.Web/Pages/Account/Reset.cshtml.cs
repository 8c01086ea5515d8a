using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.WebUtilities;
using Retail.Core.Accounts;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Account;

/// <summary>Where the link in the mail leads: a new password, then sign-in.</summary>
[Personal, EnableRateLimiting(Storefront.GuessingLimit)]
public sealed class ResetModel(PasswordResets resets) : PageModel
{
    [BindProperty(SupportsGet = true)] public Guid Id { get; set; }

    [BindProperty(SupportsGet = true), MaxLength(2000)] public string Token { get; set; } = "";

    [BindProperty, Required(ErrorMessage = "Choose a password of at least 8 characters."), DataType(DataType.Password)]
    [MinLength(8, ErrorMessage = "Choose a longer password: at least 8 characters."), MaxLength(128, ErrorMessage = "Choose a shorter password: at most 128 characters.")]
    public string Password { get; set; } = "";

    // A link that a mail program broke leads to where there is a new one.
    public IActionResult OnGet() => Id == Guid.Empty || Token.Length == 0 ? Redirect("/account/forgot") : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var reset = await resets.RedeemAsync(Id, Readable(Token), Password, ct);
        if (reset.Error is { } error) return this.Refuse(error);
        TempData["Notice"] = "Your new password is saved. Sign in with it.";
        return Redirect("/account/sign-in");
    }

    private static string Readable(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token));
        }
        catch (FormatException)
        {
            return "";   // not one of ours: refused like an old one
        }
    }
}
