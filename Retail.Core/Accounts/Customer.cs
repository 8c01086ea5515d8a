using Microsoft.AspNetCore.Identity;

namespace Retail.Core.Accounts;

/// <summary>A person with an account: a shopper, and with a role also an admin (ASP.NET Core Identity).</summary>
public sealed class Customer : IdentityUser<Guid>
{
    /// <summary>How the store addresses the person; at most 100 characters.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>When the account was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The roles of the store.</summary>
public static class Roles
{
    /// <summary>Runs the shop; may enter the admin area.</summary>
    public const string Admin = "admin";
}
