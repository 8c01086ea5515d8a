using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Retail.Core.Accounts;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Account;

/// <summary>A new account; its person is signed in at once.</summary>
[Personal, EnableRateLimiting(Storefront.GuessingLimit)]
public sealed class RegisterModel(AccountService accounts, ShopperSession session) : PageModel
{
    [BindProperty, Required(ErrorMessage = "Write your name: it goes on your parcels."), PlainText]
    [MaxLength(AccountService.MaxDisplayName, ErrorMessage = "Shorten the name to 100 characters.")]
    public string Name { get; set; } = "";

    [BindProperty, Required(ErrorMessage = "Write your email: you sign in with it."), MaxLength(EmailAttribute.MaxLength), Email]
    public string Email { get; set; } = "";

    [BindProperty, Required(ErrorMessage = "Choose a password of at least 8 characters."), DataType(DataType.Password)]
    [MinLength(8, ErrorMessage = "Choose a longer password: at least 8 characters."), MaxLength(128, ErrorMessage = "Choose a shorter password: at most 128 characters.")]
    public string Password { get; set; } = "";

    [BindProperty(SupportsGet = true)] public string? ReturnUrl { get; set; }

    public IActionResult OnGet() => User.Identity is { IsAuthenticated: true } ? Leave() : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
        var registered = await accounts.RegisterAsync(Email, Password, Name, ct);
        if (registered.Error is { } error) return this.Refuse(error, error.Code == "password_weak" ? nameof(Password) : nameof(Email));
        await session.BeginAsync(registered.Value, remember: false, ct);
        return Leave();
    }

    private LocalRedirectResult Leave() => LocalRedirect(Url.IsLocalUrl(ReturnUrl) ? ReturnUrl : "/");
}
