using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using Retail.Core.Catalog;
using Retail.Core.Common;

namespace Retail.Web.Pages.Products;

/// <summary>A whole list of product cards as HTML, for every page that shows one. Written by hand: a partial or a component for
/// each card would halve what a list page can serve.</summary>
/// <param name="products">What to show.</param>
/// <param name="currency">ISO 4217 code of the prices.</param>
/// <param name="heading">h2 or h3, whichever follows in the page's outline.</param>
/// <param name="eager">So many pictures at the start load at once; the others when they come near.</param>
/// <param name="css">Classes of the list.</param>
public sealed class ProductGrid(IReadOnlyList<ProductCard> products, string currency, string heading = "h3", int eager = 0, string css = "grid four") : IHtmlContent
{
    /// <summary>Stands where a product has no picture.</summary>
    public const string NoPicture = "/img/no-picture.svg";

    public int Count => products.Count;

    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(encoder);
        writer.Write("<ul class=\"");
        writer.Write(css);
        writer.Write("\">\n");
        for (var i = 0; i < products.Count; i++) Write(writer, encoder, products[i], i);
        writer.Write("</ul>");
    }

    private void Write(TextWriter writer, HtmlEncoder encoder, ProductCard product, int place)
    {
        var available = product.Available;
        writer.Write(available == 0 ? "<li class=\"card gone\"><a href=\"/products/" : "<li class=\"card\"><a href=\"/products/");
        writer.Write(product.Slug);
        writer.Write("\"><img src=\"");
        writer.Write(product.Pictures.Count > 0 ? product.Pictures[0].Path : NoPicture);
        writer.Write("\" alt=\"\" width=\"400\" height=\"400\"");
        writer.Write(place < eager ? (place == 0 ? " fetchpriority=\"high\">" : ">") : " loading=\"lazy\" decoding=\"async\">");
        WriteBadge(writer, product, available);
        writer.Write('<');
        writer.Write(heading);
        writer.Write('>');
        encoder.Encode(writer, product.Name);
        writer.Write("</");
        writer.Write(heading);
        writer.Write("></a>");
        if (product.Brand.Length > 0)
        {
            writer.Write("<p class=\"by\">");
            encoder.Encode(writer, product.Brand);
            writer.Write("</p>");
        }
        writer.Write(product.HasPriceRange ? "<p class=\"price\">From " : "<p class=\"price\">");
        writer.Write(PriceText.Of(product.PriceFrom, currency));
        if (product.CompareAt is { } before)
        {
            writer.Write(" <s><span class=\"hidden-text\">before </span>");
            writer.Write(PriceText.Of(before, currency));
            writer.Write("</s>");
        }
        writer.Write("</p></li>\n");
    }

    private static void WriteBadge(TextWriter writer, ProductCard product, int available)
    {
        if (available == 0) writer.Write("<span class=\"badge\">Sold out</span>");
        else if (product.InFlashSale is not null) writer.Write("<span class=\"badge sale\">Flash sale</span>");
        else if (available <= StockStep.Few)
        {
            writer.Write("<span class=\"badge\">Only ");
            writer.Write(available);
            writer.Write(" left</span>");
        }
        else if (product.CompareAt is not null) writer.Write("<span class=\"badge sale\">Sale</span>");
    }
}
