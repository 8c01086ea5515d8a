using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Accounts;
using Retail.Core.Catalog;
using Retail.Core.Data;

namespace Retail.Web.Commands;

/// <summary>How much of something there is: the first question to a store (D1-12).</summary>
internal static class CountCommand
{
    private static readonly Dictionary<string, Func<RetailDbContext, CancellationToken, Task<int>>> Counts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["products"] = (db, ct) => db.Products.CountAsync(ct),
        ["published"] = (db, ct) => db.Products.CountAsync(p => p.Status == ProductStatus.Published, ct),
        ["categories"] = (db, ct) => db.Categories.CountAsync(ct),
        ["customers"] = (db, ct) => db.Users.CountAsync(ct),
        ["admins"] = (db, ct) => (from link in db.UserRoles join role in db.Roles on link.RoleId equals role.Id where role.Name == Roles.Admin select link).CountAsync(ct),
        ["orders"] = (db, ct) => db.Orders.CountAsync(ct),
        ["payments"] = (db, ct) => db.Payments.CountAsync(ct),
        ["outbox"] = (db, ct) => db.Outbox.CountAsync(m => m.Status == Core.Data.Outbox.OutboxStatus.Waiting, ct),
    };

    private static readonly Argument<string> What = new("what") { Description = string.Join(", ", Counts.Keys) + ".", DefaultValueFactory = _ => "products" };

    public static Command Create()
    {
        var command = new Command("count", """
            Prints how many there are, a bare number.

            Examples:
              count products
              count orders
            """)
        { What };
        command.Validators.Add(result =>
        {
            if (result.GetValue(What) is { } what && !Counts.ContainsKey(what)) result.AddError($"It counts {string.Join(", ", Counts.Keys)}.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            Console.WriteLine((await Counts[parsed.GetRequiredValue(What)](store.Get<RetailDbContext>(), ct)).ToString(CultureInfo.InvariantCulture));
        });
        return command;
    }
}
