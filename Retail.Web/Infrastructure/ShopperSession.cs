using Microsoft.AspNetCore.Identity;
using Retail.Core.Accounts;
using Retail.Core.Carts;
using Retail.Core.Metrics;

namespace Retail.Web.Infrastructure;

/// <summary>Begins and ends a customer's session; the cart comes along at the beginning and stays with the account at the end.</summary>
public sealed class ShopperSession(SignInManager<Customer> signIn, IPasswordHasher<Customer> hasher, CartService carts, CurrentShopper shopper, MetricRecorder metrics)
{
    private static string? _decoy;

    /// <summary>Tells whether the password fits and counts failures; a person that does not exist takes as long as a wrong password.</summary>
    public async Task<SignInResult> CheckAsync(string nameOrEmail, string password)
    {
        var customer = await FindAsync(nameOrEmail);
        if (customer is not null)
        {
            var result = await signIn.CheckPasswordSignInAsync(customer, password, lockoutOnFailure: true);
            if (!result.Succeeded) metrics.Record(MetricTypes.SignInFailed, 1, new { reason = result.IsLockedOut ? "locked_out" : "wrong_password" });
            return result;
        }
        _decoy ??= hasher.HashPassword(new(), "nobody's");
        hasher.VerifyHashedPassword(new(), _decoy, password);
        metrics.Record(MetricTypes.SignInFailed, 1, new { reason = "no_account" });
        return SignInResult.Failed;
    }

    public async Task<Customer?> FindAsync(string nameOrEmail) =>
        await signIn.UserManager.FindByNameAsync(nameOrEmail) ?? await signIn.UserManager.FindByEmailAsync(nameOrEmail);

    /// <summary>Signs in, and joins the guest's cart with the customer's.</summary>
    public async Task BeginAsync(Customer customer, bool remember, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(customer);
        var cart = await carts.SignInAsync(shopper.Owner.CartId, customer.Id, ct);
        await signIn.SignInAsync(customer, remember);
        if (cart is { Units: > 0 }) shopper.RememberCart(cart.Id, cart.Units);
        else shopper.ForgetCart();
    }

    /// <summary>The session's claims are read again, after the customer changed them.</summary>
    public Task RefreshAsync(Customer customer) => signIn.RefreshSignInAsync(customer);

    public Task EndAsync()
    {
        shopper.ForgetCart();
        return signIn.SignOutAsync();
    }
}
