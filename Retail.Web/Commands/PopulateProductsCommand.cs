using System.CommandLine;
using Retail.Core.Inventory.Seeding;

namespace Retail.Web.Commands;

/// <summary>Fills the catalogue with the store's own products, and with as many generated ones as wanted.</summary>
internal static class PopulateProductsCommand
{
    private static readonly Option<bool> Clear = new("--clear") { Description = "Wipe the catalogue first and make it anew; refused when orders refer to products." };
    private static readonly Option<bool> Force = new("--force") { Description = "With --clear: archive the products that orders refer to instead of refusing." };
    private static readonly Option<int> Count = new("--count") { Description = "Generate this many products more (at most 1,000,000), for trying the store at size." };

    public static Command Create()
    {
        var command = new Command("populate-products", """
            Adds the store's own products that are missing: 4 categories, 10 products with variants, stock and pictures.

            Examples:
              populate-products
              populate-products --clear
              populate-products --count 100000
            """)
        { Clear, Force, Count };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Force) && !result.GetValue(Clear)) result.AddError("--force goes with --clear.");
            if (result.GetResult(Count) is not null && result.GetValue(Count) is < 1 or > 1_000_000) result.AddError("--count is from 1 to 1000000.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            var seeder = store.Get<CatalogSeeder>();
            if (parsed.GetValue(Clear))
            {
                var made = parsed.GetValue(Force) ? await seeder.ArchiveAndRecreateAsync(ct) : await seeder.RecreateAsync(ct);
                if (made.Error is { } refusal)
                {
                    await Console.Error.WriteLineAsync(refusal.Message);
                    return 1;
                }
                Console.WriteLine($"Cleared the catalogue and made it anew with {made.Value} products.");
            }
            else
            {
                var added = await seeder.PopulateAsync(ct);
                Console.WriteLine(added > 0 ? $"Added {added} products." : "The store's own products are all there: nothing was changed.");
            }
            if (parsed.GetValue(Count) is var count and > 0) await GenerateAsync(seeder, count, ct);
            return 0;
        });
        return command;
    }

    private static async Task GenerateAsync(CatalogSeeder seeder, int count, CancellationToken ct)
    {
        await ProgressBar.ShowAsync("Generating products", count, progress => seeder.GenerateAsync(count, progress, ct));
        Console.WriteLine($"Generated {count:N0} products.");
    }
}
