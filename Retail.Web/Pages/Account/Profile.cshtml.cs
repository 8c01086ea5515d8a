using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Retail.Core.Accounts;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Account;

/// <summary>A customer's own page: name, password, last orders.</summary>
[Personal, Authorize, EnableRateLimiting(Storefront.GuessingLimit)]
public sealed class ProfileModel(UserManager<Customer> users, AccountService accounts, ShopperSession session, OrderQueries orders) : PageModel
{
    private const int OrdersShown = 3;

    public AboutForm About { get; private set; } = new();

    public PasswordForm Secret { get; private set; } = new();

    public CloseForm Closing { get; } = new();

    public Customer Customer { get; private set; } = null!;

    public IReadOnlyList<OrderRow> Orders { get; private set; } = [];

    /// <summary>Said once after a change.</summary>
    [TempData] public string? Saved { get; set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (await LoadAsync(ct) is { } elsewhere) return elsewhere;
        About.Name = Customer.DisplayName;
        return Page();
    }

    public async Task<IActionResult> OnPostAboutAsync([Bind(Prefix = nameof(About))] AboutForm about, CancellationToken ct)
    {
        About = about;
        if (await LoadAsync(ct) is { } elsewhere) return elsewhere;
        if (!ModelState.IsValid) return Again();
        Customer.DisplayName = about.Name.Trim();
        var saved = await users.UpdateAsync(Customer);
        if (!saved.Succeeded) return this.Refuse(new(Refusal.Conflict, "not_saved", "Your account was changed in another tab. Please try again."));
        await session.RefreshAsync(Customer);
        return Done("Saved. This is how we address you from now on.");
    }

    public async Task<IActionResult> OnPostPasswordAsync([Bind(Prefix = nameof(Secret))] PasswordForm secret, CancellationToken ct)
    {
        if (await LoadAsync(ct) is { } elsewhere) return elsewhere;
        About.Name = Customer.DisplayName;
        if (!ModelState.IsValid) return Again();
        var changed = await users.ChangePasswordAsync(Customer, secret.Current, secret.Next);
        if (changed.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.PasswordMismatch)))
            return this.Refuse(new(Refusal.Invalid, "password_mismatch", "This is not your current password. Write it again, or have it reset."), "Secret.Current");
        if (!changed.Succeeded)
            return this.Refuse(new(Refusal.Invalid, "password_weak", string.Join(' ', changed.Errors.Select(e => e.Description))), "Secret.Next");
        await session.RefreshAsync(Customer);
        return Done("Your password is changed. Your other devices are signed out.");
    }

    public async Task<IActionResult> OnPostCloseAsync([Bind(Prefix = nameof(Closing))] CloseForm closing, CancellationToken ct)
    {
        if (await LoadAsync(ct) is { } elsewhere) return elsewhere;
        About.Name = Customer.DisplayName;
        if (!ModelState.IsValid) return Again();
        var closed = await accounts.CloseAsync(Customer, closing.Password, ct);
        if (closed.Error is { } refusal) return this.Refuse(refusal, "Closing.");
        await session.EndAsync();
        return Redirect("/");
    }

    private async Task<IActionResult?> LoadAsync(CancellationToken ct)
    {
        if (await users.GetUserAsync(User) is not { } customer)
        {
            // The account is gone, the session is not yet.
            await session.EndAsync();
            return Redirect("/account/sign-in");
        }
        Customer = customer;
        Orders = [.. (await orders.ListForCustomerAsync(customer.Id, 1, ct)).Items.Take(OrdersShown)];
        return null;
    }

    private PageResult Again()
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }

    private RedirectResult Done(string said)
    {
        Saved = said;
        return Redirect("/account");
    }

    public sealed class AboutForm
    {
        [Required(ErrorMessage = "Write your name."), MaxLength(AccountService.MaxDisplayName, ErrorMessage = "Shorten the name to 100 characters."), PlainText]
        public string Name { get; set; } = "";
    }

    public sealed class CloseForm
    {
        [Required(ErrorMessage = "Write your current password: closing can't be undone."), MaxLength(128), DataType(DataType.Password)]
        public string Password { get; set; } = "";
    }

    public sealed class PasswordForm
    {
        [Required(ErrorMessage = "Write your current password."), MaxLength(128), DataType(DataType.Password)]
        public string Current { get; set; } = "";

        [Required(ErrorMessage = "Choose a password of at least 8 characters."), DataType(DataType.Password)]
        [MinLength(8, ErrorMessage = "Choose a longer password: at least 8 characters."), MaxLength(128, ErrorMessage = "Choose a shorter password: at most 128 characters.")]
        public string Next { get; set; } = "";
    }
}
