using Microsoft.EntityFrameworkCore;
using Retail.Core.Accounts;
using Retail.Core.Data;
using Retail.Core.Inventory.Seeding;

namespace Retail.Web.Hosting;

/// <summary>What a store with a database of its own is given at its first start: an admin and products.</summary>
public static class FirstStart
{
    public const string AdminName = "admin";
    public const string AdminPassword = "admin123";
    public const string AdminEmail = "admin@example.com";

    /// <summary>Makes the admin of a store that has no account, and before that our own products where there are none; leaves every other store as it is.</summary>
    public static async Task SeedAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        // The account comes last and says that this was done: an owner who deleted all products keeps an empty shop.
        if (await db.Users.AnyAsync(ct)) return;
        if (!await db.Products.AnyAsync(ct)) await services.GetRequiredService<CatalogSeeder>().PopulateAsync(ct);
        await scope.ServiceProvider.GetRequiredService<AccountService>().EnsureAdminAsync(AdminName, AdminEmail, AdminPassword, ct);
    }
}
