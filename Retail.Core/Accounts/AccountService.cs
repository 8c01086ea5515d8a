using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Accounts;

/// <summary>What became of a wish for an admin.</summary>
public enum AdminOutcome
{
    /// <summary>The account was made.</summary>
    Created,

    /// <summary>The account was there and is an admin's now; its password is unchanged.</summary>
    Promoted,

    /// <summary>The account was there and an admin's; nothing was changed.</summary>
    AlreadyThere,
}

/// <summary>Makes accounts: shoppers', who sign in by email, and admins', who may have a short name.</summary>
public sealed class AccountService(UserManager<Customer> users, RoleManager<IdentityRole<Guid>> roles, RetailDbContext db, TimeProvider clock)
{
    /// <summary>The longest display name, in characters.</summary>
    public const int MaxDisplayName = 100;

    /// <summary>Makes a shopper's account and promises a welcome; the email is the name to sign in with.</summary>
    /// <param name="email">Where mail reaches the shopper.</param>
    /// <param name="password">At least 8 characters.</param>
    /// <param name="displayName">How to address the shopper; may be empty.</param>
    /// <param name="ct">Stops the work.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Customer>> RegisterAsync(string email, string password, string displayName, CancellationToken ct) =>
        await CreateAsync(email, email, password, displayName, isWelcomed: true, ct);

    /// <summary>Sees to it that this admin exists. An account that is there keeps its password and email.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<AdminOutcome>> EnsureAdminAsync(string userName, string email, string password, CancellationToken ct)
    {
        var customer = await users.FindByNameAsync(userName);
        var outcome = customer is null ? AdminOutcome.Created : await users.IsInRoleAsync(customer, Roles.Admin) ? AdminOutcome.AlreadyThere : AdminOutcome.Promoted;
        if (customer is null)
        {
            var created = await CreateAsync(userName, email, password, userName, isWelcomed: false, ct);
            if (created.Error is { } refusal) return refusal;
            customer = created.Value;
        }
        if (outcome is AdminOutcome.AlreadyThere) return outcome;
        if (!await roles.RoleExistsAsync(Roles.Admin)) Expect(await roles.CreateAsync(new(Roles.Admin)));
        Expect(await users.AddToRoleAsync(customer, Roles.Admin));
        return outcome;
    }

    /// <summary>Sets a password without asking for the old one, lifts a lockout and ends all sessions of the account.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> ResetPasswordAsync(string userName, string password, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await users.FindByNameAsync(userName) is not { } customer) return new ServiceError(Refusal.NotFound, "account_unknown", $"There is no account '{userName}'. Check the name.");
        // Checked before the old password goes, so that a refusal leaves it.
        foreach (var validator in users.PasswordValidators)
            if (await validator.ValidateAsync(users, customer, password) is { Succeeded: false } refused) return ErrorOf(refused, userName, customer.Email ?? "");
        customer.PasswordHash = users.PasswordHasher.HashPassword(customer, password);
        (customer.LockoutEnd, customer.AccessFailedCount) = (null, 0);
        Expect(await users.UpdateSecurityStampAsync(customer));   // saves the account too
        return ServiceResult.Done;
    }

    /// <summary>Whether there is an account of this name.</summary>
    public async Task<bool> ExistsAsync(string userName) => await users.FindByNameAsync(userName) is not null;

    /// <summary>Whether an account still has this password; does not count as an attempt to sign in.</summary>
    public async Task<bool> HasPasswordAsync(string userName, string password) =>
        await users.FindByNameAsync(userName) is { } customer && await users.CheckPasswordAsync(customer, password);

    /// <summary>The name of an admin who has this password; null when none has.</summary>
    public async Task<string?> FindAdminWithPasswordAsync(string password, CancellationToken ct)
    {
        foreach (var admin in await users.GetUsersInRoleAsync(Roles.Admin))
        {
            ct.ThrowIfCancellationRequested();
            if (await users.CheckPasswordAsync(admin, password)) return admin.UserName;
        }
        return null;
    }

    /// <summary>Lifts a lockout, so that the account can be tried again at once; its password stays.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> UnlockAsync(string userName, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if ((await users.FindByNameAsync(userName) ?? await users.FindByEmailAsync(userName)) is not { } customer)
            return new ServiceError(Refusal.NotFound, "account_unknown", $"There is no account '{userName}'. Check the name.");
        (customer.LockoutEnd, customer.AccessFailedCount) = (null, 0);
        Expect(await users.UpdateAsync(customer));
        return ServiceResult.Done;
    }

    /// <summary>Deletes a shopper's account, its cart and its name; orders stay, because the shop owes the tax office, under no account.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> CloseAsync(Customer customer, string password, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!await users.CheckPasswordAsync(customer, password)) return new ServiceError(Refusal.Invalid, "password_mismatch", "This is not your current password. Write it again, or have it reset.", "Password");
        if (await users.IsInRoleAsync(customer, Roles.Admin)) return new ServiceError(Refusal.Conflict, "admin_account", "This account runs the shop. Ask another admin to take the role away first.");
        Expect(await users.DeleteAsync(customer));
        return ServiceResult.Done;
    }

    private async Task<ServiceResult<Customer>> CreateAsync(string userName, string email, string password, string displayName, bool isWelcomed, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        (userName, email, displayName) = (userName.Trim(), email.Trim(), displayName.Trim());
        if (displayName.Length > MaxDisplayName) return new ServiceError(Refusal.Invalid, "name_too_long", $"Shorten the name to {MaxDisplayName} characters.");
        if (userName.Length > 256 || email.Length > 256) return new ServiceError(Refusal.Invalid, "email_too_long", "Use an email address of at most 256 characters.");
        var now = clock.GetUtcNow();
        var customer = new Customer { Id = Guid.CreateVersion7(now), UserName = userName, Email = email, DisplayName = displayName, CreatedAt = now };
        // Identity saves on the same context: account and promise together.
        var welcome = Notify.Of(Notify.Welcome, customer.Id, now);
        if (isWelcomed) db.Outbox.Add(welcome);
        try
        {
            var created = await users.CreateAsync(customer, password);
            if (created.Succeeded) return customer;
            db.Entry(welcome).State = EntityState.Detached;
            return ErrorOf(created, userName, email);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Two forms at the same moment: Identity asks first, the index decides.
            db.Entry(welcome).State = EntityState.Detached;
            return Taken(userName, email);
        }
    }

    private static ServiceError Taken(string userName, string email) => userName == email
        ? new(Refusal.Conflict, "email_taken", "There is an account with this email address: sign in, or use another address.")
        : new(Refusal.Conflict, "user_name_taken", $"There is an account '{userName}' already, or another account has the email address {email}. Choose others.");

    private static ServiceError ErrorOf(IdentityResult refused, string userName, string email)
    {
        var codes = refused.Errors.Select(e => e.Code).ToHashSet();
        if (codes.Contains(nameof(IdentityErrorDescriber.DuplicateUserName)) || codes.Contains(nameof(IdentityErrorDescriber.DuplicateEmail))) return Taken(userName, email);
        if (codes.Contains(nameof(IdentityErrorDescriber.InvalidEmail))) return new(Refusal.Invalid, "email_invalid", "This is not an email address. Write it in the form name@example.com.");
        if (codes.Contains(nameof(IdentityErrorDescriber.InvalidUserName))) return new(Refusal.Invalid, "user_name_invalid", "Write a user name of letters and digits.");
        return new(Refusal.Invalid, "password_weak", string.Join(' ', refused.Errors.Select(e => e.Description)));
    }

    private static void Expect(IdentityResult result)
    {
        if (!result.Succeeded) throw new InvalidOperationException(string.Join(' ', result.Errors.Select(e => e.Description)));
    }
}
