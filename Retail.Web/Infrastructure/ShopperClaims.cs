using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Retail.Core.Accounts;

namespace Retail.Web.Infrastructure;

/// <summary>The session also knows how to address its person: no query for the header of each page.</summary>
public sealed class ShopperClaims(UserManager<Customer> users, RoleManager<IdentityRole<Guid>> roles, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<Customer, IdentityRole<Guid>>(users, roles, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Customer user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var identity = await base.GenerateClaimsAsync(user);
        if (user.DisplayName.Length > 0) identity.AddClaim(new(ClaimTypes.GivenName, user.DisplayName));
        return identity;
    }
}
