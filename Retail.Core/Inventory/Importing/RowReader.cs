using System.Globalization;
using Retail.Core.Catalog;
using Retail.Core.Common;

namespace Retail.Core.Inventory.Importing;

/// <summary>Turns a row into the product that it asks for. What the row does not speak of stays as it is in the store.</summary>
internal static class RowReader
{
    private const int MaxIdLength = 100;

    /// <summary>What tells the product from others in every later run: its id, or else its SKU.</summary>
    public static string? IdOf(ImportRow row) => row["id"] ?? row["sku"];

    public static string? IdProblem(ImportRow row, Dictionary<string, int> seen)
    {
        if (IdOf(row) is not { } id) return "missing id";
        if (id.Length > MaxIdLength) return $"the id has more than {MaxIdLength} characters";
        return seen.TryAdd(id, row.Line) ? null : $"the id {id} stands in line {seen[id]} already";
    }

    public static ServiceResult<ProductDraft> Read(ImportRow row, string id, Product? there, int defaultStock)
    {
        if (row.Fields.Values.Any(v => v.Contains('\0', StringComparison.Ordinal))) return Bad("a NUL character in its text");
        if (row["name"] is not { } name) return Bad("missing name");
        var live = there?.Variants.Where(v => v.RetiredAt is null).OrderBy(v => v.Position).ToList() ?? [];
        var sku = row["sku"];
        var own = live.Count == 1 ? live[0] : live.Find(v => v.Sku == (sku ?? $"IMP-{id}"));
        if (live.Count > 1 && own is null) return Bad("the product has several variants in the store, and none has this SKU");
        if (Price(row, "price") is not { } price) return Bad(row["price"] is { } typed ? $"the price {typed} is no number such as 12.50" : "missing price");
        var before = Price(row, "compareatprice");
        if (before is null && row["compareatprice"] is { } was) return Bad($"the former price {was} is no number such as 12.50");
        int? stock = int.TryParse(row["stock"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var units) ? units : null;
        if (stock is null && row["stock"] is { } wrong) return Bad($"the stock {wrong} is no whole number");
        var variant = new VariantDraft
        {
            Id = own?.Id,
            Sku = sku ?? own?.Sku ?? $"IMP-{id}",
            Gtin = row["gtin"] ?? own?.Gtin,
            Options = own?.Options ?? [],
            Price = price,
            CompareAt = before ?? (own?.CompareAtAmount > price ? own.CompareAtAmount : null),
            Stock = stock ?? (own is null ? defaultStock : null),
            PictureIndex = PictureIndex(there, own),
        };
        return new ProductDraft
        {
            Id = there?.Id,
            Name = name,
            Brand = row["brand"] ?? there?.Brand ?? "",
            CategoryId = there?.CategoryId ?? Guid.Empty,
            Description = row["description"] ?? there?.Description ?? "",
            Attributes = row.Attributes ?? there?.Attributes ?? [],
            OptionNames = there?.OptionNames ?? [],
            Featured = there?.Featured ?? false,
            ExternalId = $"import:{id}",
            Status = there?.Status ?? ProductStatus.Published,
            Pictures = [.. Gallery(there).Select(p => new PictureDraft { Id = p.Id, Alt = p.Alt })],
            Variants = live.Count > 1 ? [.. live.Select(v => v == own ? variant : Kept(v, there))] : [variant],
        };
    }

    /// <summary>The draft with the row's picture in front, in place of the one that was there.</summary>
    public static ProductDraft WithPicture(ProductDraft draft, Product? there, PictureFile? file)
    {
        if (file is null) return draft;
        var first = Gallery(there).FirstOrDefault();
        var alt = draft.Name;
        return first?.Hash == PictureContent.HashOf(file.Bytes) ? draft : draft with { Pictures = [new PictureDraft { File = file, Alt = alt }, .. draft.Pictures.Skip(1)] };
    }

    private static List<ProductPicture> Gallery(Product? product) => [.. (product?.Pictures ?? []).OrderBy(p => p.Position)];

    private static int? PictureIndex(Product? product, Variant? variant) =>
        variant?.PictureId is { } id && Gallery(product).FindIndex(p => p.Id == id) is var index and >= 0 ? index : null;

    private static VariantDraft Kept(Variant variant, Product? product) => new()
    {
        Id = variant.Id,
        Sku = variant.Sku,
        Gtin = variant.Gtin,
        Options = variant.Options,
        Price = variant.Price.Amount,
        CompareAt = variant.CompareAtAmount,
        PictureIndex = PictureIndex(product, variant),
    };

    private static decimal? Price(ImportRow row, string field) =>
        decimal.TryParse(row[field], NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var price)
            ? decimal.Round(price, 2, MidpointRounding.AwayFromZero) : null;

    private static ServiceError Bad(string reason) => new(Refusal.Invalid, "bad_row", reason);
}
