using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Account;

/// <summary>Ends the session; by POST only, so that no link or picture does it.</summary>
[Personal]
public sealed class SignOutModel(ShopperSession session) : PageModel
{
    public IActionResult OnGet() => Redirect("/account");

    public async Task<IActionResult> OnPostAsync()
    {
        await session.EndAsync();
        return Redirect("/");
    }
}
