namespace Retail.Core.Partners.Formats;

/// <summary>The fields of a row, as formats hand them over; named as Google's product data specification names them.</summary>
public static class FeedField
{
    /// <summary>The partner's own id of what is sold.</summary>
    public const string Id = "id";

    /// <summary>What the variants of one product have in common.</summary>
    public const string Group = "item_group_id";

    /// <summary>Name of the product.</summary>
    public const string Title = "title";

    /// <summary>Text or HTML.</summary>
    public const string Description = "description";

    /// <summary>The partner's page about it.</summary>
    public const string Link = "link";

    /// <summary>Its picture.</summary>
    public const string Image = "image_link";

    /// <summary>Further pictures, separated by commas.</summary>
    public const string MoreImages = "additional_image_link";

    /// <summary>in_stock, out_of_stock, preorder or backorder.</summary>
    public const string Availability = "availability";

    /// <summary>12.30 or 12.30 USD.</summary>
    public const string Price = "price";

    /// <summary>The lower price for now.</summary>
    public const string SalePrice = "sale_price";

    /// <summary>When the lower price counts: start/end.</summary>
    public const string SaleTime = "sale_price_effective_date";

    /// <summary>The former price, shown struck out.</summary>
    public const string CompareAt = "compare_at_price";

    /// <summary>ISO 4217 code, where prices do not carry it.</summary>
    public const string Currency = "currency";

    /// <summary>GS1 number.</summary>
    public const string Gtin = "gtin";

    /// <summary>The maker's part number.</summary>
    public const string Mpn = "mpn";

    /// <summary>Maker.</summary>
    public const string Brand = "brand";

    /// <summary>The partner's category.</summary>
    public const string Category = "product_type";

    /// <summary>Google's category; counts when there is none of the partner's.</summary>
    public const string GoogleCategory = "google_product_category";

    /// <summary>Units that can be sold.</summary>
    public const string Quantity = "quantity";

    /// <summary>Stands in for a missing id.</summary>
    public const string Sku = "sku";

    /// <summary>new, refurbished or used.</summary>
    public const string Condition = "condition";

    /// <summary>With its unit.</summary>
    public const string Weight = "shipping_weight";

    /// <summary>Options and their names in the shop: what tells variants apart.</summary>
    public static IReadOnlyDictionary<string, string> OptionNames { get; } =
        new Dictionary<string, string> { ["color"] = "Colour", ["size"] = "Size", ["material"] = "Material", ["pattern"] = "Pattern" };

    private static readonly Dictionary<string, string> Names = Build(
        (Id, "productid itemid"), (Group, "groupid parentid parentsku"), (Title, "name productname"), (Description, "body bodyhtml longdescription"),
        (Link, "url producturl deeplink"), (Image, "image imageurl picture imagesrc"), (MoreImages, "additionalimagelinks additionalimages images"), (Availability, "stockstatus"),
        (Price, "regularprice"), (SalePrice, "specialprice"), (SaleTime, "salepriceeffectivedates"), (CompareAt, "compareat listprice msrp rrp"), (Currency, "pricecurrency"),
        (Gtin, "ean ean13 upc barcode isbn gtin13 gtin14"), (Mpn, "partnumber"), (Brand, "vendor manufacturer maker"), (Category, "category type categorypath"), (GoogleCategory, ""),
        (Quantity, "stock qty inventory stockquantity availablequantity"), (Sku, "articlenumber itemnumber"), (Condition, ""), (Weight, "weight"),
        ("color", "colour"), ("size", ""), ("material", ""), ("pattern", ""));

    /// <summary>The field that a column or property means; null when it is none. Case, blanks and underscores do not count.</summary>
    public static string? Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Names.GetValueOrDefault(Plain(name));
    }

    /// <summary>Puts a value where it belongs: fields, or options. Unknown names are left out.</summary>
    public static void Set(FeedRow row, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(value);
        var text = value.Trim();
        if (text.Length == 0 || Of(name) is not { } field) return;
        if (OptionNames.TryGetValue(field, out var option)) row.Options.Add((option, text));
        else row.Fields.TryAdd(field, text);
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static Dictionary<string, string> Build(params (string Field, string Others)[] fields)
    {
        var names = new Dictionary<string, string>();
        foreach (var (field, others) in fields)
            foreach (var name in others.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend(Plain(field))) names.Add(name, field);
        return names;
    }
}
