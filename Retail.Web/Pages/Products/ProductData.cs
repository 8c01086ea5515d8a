using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Html;
using Retail.Core.Catalog;

namespace Retail.Web.Pages.Products;

/// <summary>A product as search engines read it (schema.org), for a script element that holds data.</summary>
internal static class ProductData
{
    // The default encoder writes < and & as escapes, so no text can end the element.
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static IHtmlContent Of(ProductCard product, VariantCard variant, string currency, string site) => new HtmlString(JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["@context"] = "https://schema.org",
        ["@type"] = "Product",
        ["name"] = product.Name,
        ["description"] = product.Description,
        ["sku"] = variant.Sku,
        ["gtin"] = variant.Gtin,
        ["image"] = product.Pictures.Select(p => site + p.Path),
        ["brand"] = product.Brand.Length == 0 ? null : Thing("Brand", ("name", product.Brand)),
        ["aggregateRating"] = product.RatingCount == 0 ? null : Thing("AggregateRating", ("ratingValue", product.Rating), ("reviewCount", product.RatingCount)),
        ["offers"] = Thing("Offer", ("url", $"{site}/products/{product.Slug}"), ("price", variant.PriceNow), ("priceCurrency", currency),
            ("availability", variant.Available > 0 ? "https://schema.org/InStock" : "https://schema.org/OutOfStock")),
    }.Where(field => field.Value is not null).ToDictionary(), Json));

    private static Dictionary<string, object> Thing(string type, params (string Name, object Value)[] fields)
    {
        var thing = new Dictionary<string, object> { ["@type"] = type };
        foreach (var (name, value) in fields) thing[name] = value;
        return thing;
    }
}
