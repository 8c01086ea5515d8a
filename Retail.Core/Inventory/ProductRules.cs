using Retail.Core.Catalog;
using Retail.Core.Common;

namespace Retail.Core.Inventory;

/// <summary>What a product must be before it is saved, whoever saves it.</summary>
public static class ProductRules
{
    /// <summary>The highest price, in the store's currency.</summary>
    public const decimal MaxPrice = 1_000_000m;

    /// <summary>The most units in the warehouse.</summary>
    public const int MaxStock = 1_000_000;

    /// <summary>The first thing that is wrong with a draft, in words; null when nothing is.</summary>
    public static ServiceError? FirstProblem(ProductDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (string.IsNullOrWhiteSpace(draft.Name)) return Bad("missing_name", "Give the product a name.", "Name");
        if (draft.Name.Length > Product.MaxNameLength) return Bad("name_too_long", $"Shorten the name to {Product.MaxNameLength} characters.", "Name");
        if (draft.Brand.Length > 80) return Bad("brand_too_long", "Shorten the brand to 80 characters.", "Brand");
        if (draft.Description.Length > Product.MaxDescriptionLength) return Bad("description_too_long", $"Shorten the description to {Product.MaxDescriptionLength} characters.", "Description");
        if (draft.Attributes.Any(a => a.Name is not { Length: > 0 and <= 60 } || a.Value is not { Length: > 0 and <= 200 }))
            return Bad("bad_attribute", "Give each attribute a name of up to 60 and a value of up to 200 characters.", "Attributes");
        if (draft.OptionNames.Count > Product.MaxOptions) return Bad("too_many_options", $"A product has at most {Product.MaxOptions} options. Remove some.", "OptionNames");
        if (draft.OptionNames.Distinct(StringComparer.OrdinalIgnoreCase).Count() != draft.OptionNames.Count) return Bad("same_option_twice", "Two options have the same name. Rename one of them.", "OptionNames");
        if (draft.Variants.Count > Product.MaxVariants) return Bad("too_many_variants", $"A product has at most {Product.MaxVariants} variants. Remove some.", "Variants");
        if (draft.Status == ProductStatus.Published && draft.Variants.Count == 0) return Bad("nothing_to_sell", "Add a variant before publishing: it has the price and the stock.", "Variants");
        if (draft.Pictures.Any(p => p.Alt.Length > 200)) return Bad("alt_too_long", "Shorten the picture's description to 200 characters.", "Pictures");
        for (var i = 0; i < draft.Variants.Count; i++)
            if (FirstProblem(draft, draft.Variants[i], $"Variants[{i}].") is { } problem) return problem;
        if (draft.Variants.GroupBy(v => v.Sku.Trim(), StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return Bad("same_sku_twice", $"Two variants have the SKU {twice.Key}. Give each one of its own.", "Variants");
        if (draft.Variants.GroupBy(v => string.Join('\u001f', v.Options), StringComparer.OrdinalIgnoreCase).Any(g => g.Count() > 1))
            return Bad("same_options_twice", "Two variants have the same option values. Change one of them.", "Variants");
        return null;
    }

    /// <summary>A GS1 number of 8, 12, 13 or 14 digits whose last digit checks the others.</summary>
    public static bool IsGtin(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is not (8 or 12 or 13 or 14) || !text.All(char.IsAsciiDigit)) return false;
        var sum = 0;
        for (var i = 0; i < text.Length - 1; i++) sum += (text[^(i + 2)] - '0') * (i % 2 == 0 ? 3 : 1);
        return (10 - sum % 10) % 10 == text[^1] - '0';
    }

    private static ServiceError? FirstProblem(ProductDraft draft, VariantDraft variant, string field)
    {
        if (string.IsNullOrWhiteSpace(variant.Sku) || variant.Sku.Length > 64) return Bad("bad_sku", "Give each variant a SKU of up to 64 characters.", field + "Sku");
        if (variant.Gtin is { } gtin && !IsGtin(gtin)) return Bad("bad_gtin_checkdigit", $"{gtin} is no GTIN. Check its digits: 8, 12, 13 or 14, the last of which checks the others.", field + "Gtin");
        if (variant.Options.Count != draft.OptionNames.Count || variant.Options.Any(o => string.IsNullOrWhiteSpace(o) || o.Length > 60))
            return Bad("bad_options", "Give each variant a value for each option, of up to 60 characters.", field + "Options");
        if (variant.Price is < 0 or > MaxPrice) return Bad("bad_price", $"Write a price from 0 to {MaxPrice:0}.", field + "Price");
        if (variant.CompareAt is { } was && (was <= variant.Price || was > MaxPrice)) return Bad("bad_compare_at", "Write a former price that is higher than the price, or none.", field + "CompareAt");
        if (variant.Stock is < 0 or > MaxStock) return Bad("bad_stock", $"Write a stock from 0 to {MaxStock}.", field + "Stock");
        if (variant.PictureIndex is { } picture && (picture < 0 || picture >= draft.Pictures.Count)) return Bad("bad_picture", "The variant's picture is not in the gallery. Choose one that is.", field + "PictureIndex");
        return null;
    }

    private static ServiceError Bad(string code, string message, string field) => new(Refusal.Invalid, code, message, field);
}
