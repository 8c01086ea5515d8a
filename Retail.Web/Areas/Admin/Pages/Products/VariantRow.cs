namespace Retail.Web.Areas.Admin.Pages.Products;

/// <summary>A row of the variants' list; the template of new rows has a placeholder as its index.</summary>
public sealed record VariantRow(string Index, VariantForm Variant, IReadOnlyList<string> Options, IReadOnlyList<PictureForm> Pictures)
{
    /// <summary>What the script puts the next number in place of.</summary>
    public const string NextIndex = "__i__";
}
