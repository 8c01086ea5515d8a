using Retail.Core.Catalog;

namespace Retail.Web.Pages.Products;

/// <summary>Which variant of a product a shopper means. The address names it by its SKU; the form, which works without scripts,
/// sends the chosen value of each option.</summary>
public static class VariantChoice
{
    public const string SkuParameter = "variant";

    /// <summary>The names of the options' fields; as many as a product may have options.</summary>
    public static IReadOnlyList<string> OptionParameters { get; } = [.. Enumerable.Range(1, Product.MaxOptions).Select(n => $"option{n}")];

    /// <summary>The variant with this SKU; otherwise the first that can be bought.</summary>
    public static VariantCard Shown(ProductCard product, string? sku)
    {
        ArgumentNullException.ThrowIfNull(product);
        return product.Variants.FirstOrDefault(v => v.Sku == sku) ?? product.Variants.FirstOrDefault(v => v.Available > 0) ?? product.Variants[0];
    }

    /// <summary>What was chosen of each option, empty where nothing was; null when the form has no options.</summary>
    public static IReadOnlyList<string>? Read(ProductCard product, Func<string, string?> field)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(field);
        string[] chosen = [.. product.OptionNames.Select((_, i) => field(OptionParameters[i]) ?? "")];
        return chosen.All(string.IsNullOrEmpty) ? null : chosen;
    }

    /// <summary>The variant that has all the chosen values, or null.</summary>
    public static VariantCard? Exact(ProductCard product, IReadOnlyList<string> chosen)
    {
        ArgumentNullException.ThrowIfNull(product);
        return product.Variants.FirstOrDefault(v => v.Options.SequenceEqual(chosen));
    }

    /// <summary>The variant with the chosen values; where there is none, one with the value that was just changed, as like as can
    /// be, rather one that can be bought.</summary>
    public static VariantCard Nearest(ProductCard product, IReadOnlyList<string> chosen, VariantCard before) =>
        Exact(product, chosen) ?? product.Variants.MaxBy(variant =>
        {
            var likeness = variant.Available > 0 ? 1 : 0;
            for (var i = 0; i < chosen.Count; i++)
                if (variant.Options[i] == chosen[i]) likeness += chosen[i] != before.Options[i] ? 100 : 10;
            return likeness;
        })!;

    /// <summary>The options as the page offers them beside the variant that it shows.</summary>
    public static IEnumerable<Option> Options(ProductCard product, VariantCard shown)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(shown);
        for (var i = 0; i < product.OptionNames.Count; i++)
        {
            var place = i;
            var values = product.Variants.Select(v => v.Options[place]).Distinct().Select(value =>
            {
                string[] with = [.. shown.Options];
                with[place] = value;
                var variant = Exact(product, with);
                return new OptionValue(value, shown.Options[place] == value, variant is not null, variant?.Available > 0, PictureOf(product, place, value));
            }).ToList();
            // Pictures help where they tell the values apart: colours, not sizes.
            var telling = values.All(v => v.Picture is not null) && values.DistinctBy(v => v.Picture).Count() == values.Count && values.Count > 1;
            yield return new Option(OptionParameters[i], product.OptionNames[i], telling ? values : [.. values.Select(v => v with { Picture = null })]);
        }
    }

    private static string? PictureOf(ProductCard product, int place, string value)
    {
        var pictures = product.Variants.Where(v => v.Options[place] == value).Select(v => v.PictureId).Distinct().ToList();
        return pictures is [{ } only] ? product.Pictures.FirstOrDefault(p => p.Id == only)?.Path : null;
    }

    /// <summary>An option of a product, such as its colour.</summary>
    public sealed record Option(string Field, string Name, IReadOnlyList<OptionValue> Values);

    /// <summary>A value of an option, seen beside the variant that is shown.</summary>
    /// <param name="Text">What people read.</param>
    /// <param name="Chosen">The shown variant has it.</param>
    /// <param name="Exists">It is made with the other values of the shown variant.</param>
    /// <param name="InStock">That one can be bought.</param>
    /// <param name="Picture">Address of a picture that only this value has, or null.</param>
    public sealed record OptionValue(string Text, bool Chosen, bool Exists, bool InStock, string? Picture);
}
