using System.CommandLine;
using Retail.Core.Inventory;
using Retail.Core.Inventory.Importing;

namespace Retail.Web.Commands;

/// <summary>Brings somebody else's products into the catalogue.</summary>
internal static class ImportProductsCommand
{
    private static readonly Argument<FileInfo> Source = new("file") { Description = "JSON (an array of objects) or CSV (a header row; comma, semicolon or tab), in UTF-8." };
    private static readonly Option<DirectoryInfo> Pictures = new("--pictures") { Description = "Folder of pictures: as the field image names them, or ID.webp, .avif, .jpg, .png; at most 5 MB each." };
    private static readonly Option<int> Stock = new("--stock") { Description = "Units of a new product whose row names none.", DefaultValueFactory = _ => 100 };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Check every row and say what would be done; change nothing." };

    public static Command Create()
    {
        var command = new Command("import-products", """
            Brings products from a file into the catalogue. Fields: id, name, price (these three are needed), description,
            brand, type or category, sku, gtin, stock, compareAtPrice, image, attributes. Rows that can't be used are listed
            with line and reason; all others go in. The same file again changes nothing.

            Examples:
              import-products catalog.json --pictures pics
              import-products supplier.csv --stock 5 --dry-run
            """)
        { Source, Pictures, Stock, DryRun };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Stock) is < 0 or > ProductRules.MaxStock) result.AddError($"--stock is from 0 to {ProductRules.MaxStock}.");
            if (result.GetValue(Pictures) is { Exists: false } missing) result.AddError($"There is no folder {missing}.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            var rows = await ImportFile.ReadAsync(parsed.GetRequiredValue(Source).ToString(), ct);
            var settings = new ImportSettings(parsed.GetValue(Pictures)?.FullName, parsed.GetValue(Stock), parsed.GetValue(DryRun));
            await using var store = await CommandStore.OpenAsync(ct);
            ImportReport? report = null;
            await ProgressBar.ShowAsync("Importing products", rows.Count, async progress => report = await store.Get<ProductImport>().RunAsync(rows, settings, progress, ct));
            Print(report!, settings.DryRun);
            return rows.Count > 0 && report!.Rejected.Count == rows.Count ? 1 : 0;
        });
        return command;
    }

    private static void Print(ImportReport report, bool dryRun)
    {
        Console.WriteLine(dryRun
            ? $"A dry run, nothing was changed: {report.Created} new, {report.Unchanged} already there, {report.Rejected.Count} rejected."
            : $"{report.Created} new, {report.Changed} changed, {report.Unchanged} unchanged{(report.Rejected.Count > 0 ? $", {report.Rejected.Count} rejected" : "")}.");
        foreach (var (line, reason) in report.Rejected) Console.WriteLine($"  line {line}: {reason}");
        if (report.WithoutPicture.Count > 0) Console.WriteLine($"{report.WithoutPicture.Count} without their picture:");
        foreach (var (line, reason) in report.WithoutPicture) Console.WriteLine($"  line {line}: {reason}");
        if (report.UnusedFields.Count > 0) Console.WriteLine($"Fields that were not used: {string.Join(", ", report.UnusedFields)}.");
    }
}
