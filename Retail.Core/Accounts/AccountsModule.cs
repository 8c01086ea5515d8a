using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data;

namespace Retail.Core.Accounts;

/// <summary>Who buys and who runs the shop.</summary>
public static class AccountsModule
{
    /// <summary>Adds accounts, with what an account must have. Hosts with pages add sign-in by cookie.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddIdentityCore<Customer>(identity =>
        {
            identity.User.RequireUniqueEmail = true;
            // Any, because a shopper's name is the email address, and those hold more signs than Identity's list.
            identity.User.AllowedUserNameCharacters = "";
            // Length is what makes a password strong; rules of composition only make people angry (NIST SP 800-63B).
            identity.Password.RequiredLength = 8;
            identity.Password.RequireDigit = identity.Password.RequireLowercase = identity.Password.RequireUppercase = identity.Password.RequireNonAlphanumeric = false;
            identity.Lockout.MaxFailedAccessAttempts = 10;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
        }).AddRoles<IdentityRole<Guid>>().AddEntityFrameworkStores<RetailDbContext>()
            .AddTokenProvider<DataProtectorTokenProvider<Customer>>(TokenOptions.DefaultProvider);
        services.Configure<DataProtectionTokenProviderOptions>(tokens => tokens.TokenLifespan = PasswordResets.ValidFor);
        return services.AddScoped<AccountService>().AddScoped<PasswordResets>();
    }
}
