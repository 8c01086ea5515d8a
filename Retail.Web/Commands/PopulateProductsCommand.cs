using System.CommandLine;
using Retail.Core.Data.Seeding;

namespace Retail.Web.Commands;

/// <summary>Fills the catalogue with the store's own products.</summary>
internal static class PopulateProductsCommand
{
    private static readonly Option<bool> Clear = new("--clear") { Description = "Wipe the catalogue first and make it anew; refused when orders refer to products." };
    private static readonly Option<bool> Force = new("--force") { Description = "With --clear: archive the products that orders refer to instead of refusing." };

    public static Command Create()
    {
        var command = new Command("populate-products", "Adds the store's own products that are missing: 4 categories, 10 products with variants, stock and pictures.\n\nExample: retail populate-products --clear") { Clear, Force };
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            var seeder = store.Get<CatalogSeeder>();
            if (!parsed.GetValue(Clear))
            {
                var added = await seeder.PopulateAsync(ct);
                Console.WriteLine(added > 0 ? $"Added {added} products." : "All products of our own are there: nothing was changed.");
                return 0;
            }
            var made = parsed.GetValue(Force) ? await seeder.ArchiveAndRecreateAsync(ct) : await seeder.RecreateAsync(ct);
            if (made.Error is { } refusal)
            {
                await Console.Error.WriteLineAsync(refusal.Message);
                return 1;
            }
            Console.WriteLine($"Cleared the catalogue and made it anew with {made.Value} products.");
            return 0;
        });
        return command;
    }
}
