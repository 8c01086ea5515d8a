using System.Globalization;
using Retail.Core.Catalog;

namespace Retail.Core.Partners.Feeds;

/// <summary>One thing to buy as feeds tell of it: a variant of a product, of the same record that the product's page is made from. Names and rules are those of Google's product data specification.</summary>
public sealed record OutItem
{
    /// <summary>The longest id, and group, in characters.</summary>
    public const int MaxId = 50;

    private const int MaxTitle = 150, MaxDescription = 5000, MaxBrand = 70, MaxOption = 100, MaxPictures = 11;

    private static readonly Dictionary<string, string> OptionFields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Colour"] = "color",
        ["Color"] = "color",
        ["Size"] = "size",
        ["Material"] = "material",
        ["Pattern"] = "pattern",
    };

    /// <summary>The SKU, or the variant's key where that is longer than ids may be.</summary>
    public required string Id { get; init; }

    /// <summary>What its siblings share; null when it has none, or differs from them in what feeds have no word for.</summary>
    public string? Group { get; init; }

    /// <summary>At most 150 characters; with the options where they stand nowhere else.</summary>
    public required string Title { get; init; }

    /// <summary>Plain text, at most 5000 characters.</summary>
    public required string Description { get; init; }

    /// <summary>Path of its page.</summary>
    public required string Path { get; init; }

    /// <summary>Paths of its pictures, its own first; at most eleven.</summary>
    public required IReadOnlyList<string> Pictures { get; init; }

    /// <summary>Units that can be sold.</summary>
    public required int Quantity { get; init; }

    /// <summary>The normal price, or the former one where the shop shows it struck out.</summary>
    public required decimal Price { get; init; }

    /// <summary>The price that counts instead, below <see cref="Price"/>; null when there is none.</summary>
    public decimal? SalePrice { get; init; }

    /// <summary>When <see cref="SalePrice"/> counts; null: until further notice.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? SaleTime { get; init; }

    /// <summary>Maker, or empty.</summary>
    public required string Brand { get; init; }

    /// <summary>GS1 number, or null.</summary>
    public string? Gtin { get; init; }

    /// <summary>The shelf.</summary>
    public required string Category { get; init; }

    /// <summary>color, size, material and pattern, those that it has.</summary>
    public required IReadOnlyList<(string Field, string Value)> Options { get; init; }

    /// <summary>in_stock or out_of_stock: what is not in stock is not sold.</summary>
    public string Availability => Quantity > 0 ? "in_stock" : "out_of_stock";

    /// <summary>Number that the whole world may know it by; null for numbers that a shop gave itself (GS1 prefixes 02, 04, 2) and for coupons (98, 99).</summary>
    public string? PublicGtin => Gtin?.PadLeft(14, '0')[1..] is { } digits
        && !(digits[0] == '2' || digits.StartsWith("02", StringComparison.Ordinal) || digits.StartsWith("04", StringComparison.Ordinal)
            || digits.StartsWith("98", StringComparison.Ordinal) || digits.StartsWith("99", StringComparison.Ordinal)) ? Gtin : null;

    /// <summary>start/end in ISO 8601, to the minute and within the sale.</summary>
    public string SaleTimeText => SaleTime is not var (from, to) ? "" : string.Create(CultureInfo.InvariantCulture,
        $"{from.UtcDateTime.AddSeconds(59):yyyy-MM-ddTHH:mm}Z/{to.UtcDateTime:yyyy-MM-ddTHH:mm}Z");

    /// <summary>The items of a product, one for each variant.</summary>
    public static IEnumerable<OutItem> Of(ProductCard product)
    {
        ArgumentNullException.ThrowIfNull(product);
        var fields = product.OptionNames.Select(OptionFields.GetValueOrDefault).ToArray();
        // Siblings that differ in what has no field of its own would look alike: each then stands for itself.
        var grouped = product.Variants.Count > 1 && fields.All(f => f is not null) && fields.Distinct().Count() == fields.Length;
        var description = Plain(product.Description, MaxDescription);
        foreach (var variant in product.Variants)
        {
            var (price, sale, time) = PricesOf(variant);
            var name = grouped || variant.Options.Count == 0 ? product.Name : $"{product.Name}, {string.Join(", ", variant.Options)}";
            var title = Plain(name, MaxTitle);
            yield return new OutItem
            {
                Id = variant.Sku.Length <= MaxId ? variant.Sku : variant.Id.ToString("N"),
                Group = grouped ? product.Id.ToString("N") : null,
                Title = title,
                Description = description.Length > 0 ? description : title,
                Path = product.Variants.Count == 1 ? $"/products/{product.Slug}" : $"/products/{product.Slug}?variant={Uri.EscapeDataString(variant.Sku)}",
                Pictures = [.. product.Pictures.OrderBy(p => p.Id == variant.PictureId ? 0 : 1).Take(MaxPictures).Select(p => p.Path)],
                Quantity = variant.Available,
                Price = price,
                SalePrice = sale,
                SaleTime = time,
                Brand = Plain(product.Brand, MaxBrand),
                Gtin = variant.Gtin,
                Category = Plain(product.Category.Name, MaxTitle),
                Options = [.. variant.Options.Select((value, i) => (Field: fields.ElementAtOrDefault(i), Value: Plain(value, MaxOption)))
                    .Where(o => o.Field is not null && o.Value.Length > 0).Select(o => (o.Field!, o.Value))],
            };
        }
    }

    private static (decimal Price, decimal? Sale, (DateTimeOffset, DateTimeOffset)? Time) PricesOf(VariantCard variant)
    {
        if (variant.RunningFlash is { } running && running.Price < variant.Price) return (variant.Price, running.Price, (running.StartsAt, running.EndsAt));
        if (variant.CompareAt is { } before && before > variant.Price) return (before, variant.Price, null);
        // A sale that is to come can be told beforehand, with its window.
        if (variant.Flash is { IsRunning: false } coming && coming.Price < variant.Price) return (variant.Price, coming.Price, (coming.StartsAt, coming.EndsAt));
        return (variant.Price, null, null);
    }

    // One line where line breaks mean nothing to the reader, and no character that XML can't hold.
    private static string Plain(string text, int longest)
    {
        var kept = new System.Text.StringBuilder(Math.Min(text.Length, longest));
        for (var i = 0; i < text.Length && kept.Length < longest; i++)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                if (kept.Length > 0 && kept[^1] != ' ') kept.Append(' ');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                if (kept.Length + 2 > longest) break;
                kept.Append(c).Append(text[++i]);
            }
            else if (!char.IsSurrogate(c) && c is not ('\uFFFE' or '\uFFFF')) kept.Append(c);
        }
        return kept.ToString().TrimEnd();
    }
}
