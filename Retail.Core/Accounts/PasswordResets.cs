using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Identity;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Accounts;

/// <summary>A new password for who can read the account's mail.</summary>
public sealed class PasswordResets(UserManager<Customer> users, RetailDbContext db, TimeProvider clock)
{
    /// <summary>How long a link is good for.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromHours(1);

    // A mailbox gets at most one link in so long, however often somebody asks.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private static readonly ServiceError Stale =
        new(Refusal.Invalid, "reset_link_stale", "This link was used already or is older than an hour. Ask for a new one.");

    /// <summary>Promises a link to the account with this email. Does the same, and takes as long, when there is none.</summary>
    public async Task AskAsync(string email, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(email);
        var customer = await users.FindByEmailAsync(email.Trim());
        var now = clock.GetUtcNow();
        // The same occasion is the same mail: it goes out once.
        var occasion = (now.ToUnixTimeSeconds() / (long)Pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        db.Outbox.Add(Notify.Of(Notify.PasswordReset, customer?.Id ?? Guid.Empty, now, occasion));
        await db.SaveChangesAsync(ct);
    }

    /// <summary>What proves that the account's mail was read; good for <see cref="ValidFor"/> and for one new password.</summary>
    public Task<string> TokenForAsync(Customer customer) => users.GeneratePasswordResetTokenAsync(customer);

    /// <summary>Sets the password, lifts a lockout and ends all sessions of the account.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> RedeemAsync(Guid customerId, string token, string password, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await users.FindByIdAsync(customerId.ToString()) is not { } customer) return Stale;
        var reset = await users.ResetPasswordAsync(customer, token, password);
        if (!reset.Succeeded)
        {
            return reset.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.InvalidToken)) ? Stale
                : new ServiceError(Refusal.Invalid, "password_weak", string.Join(' ', reset.Errors.Select(e => e.Description)), "Password");
        }
        await users.SetLockoutEndDateAsync(customer, null);
        await users.ResetAccessFailedCountAsync(customer);
        return ServiceResult.Done;
    }
}
