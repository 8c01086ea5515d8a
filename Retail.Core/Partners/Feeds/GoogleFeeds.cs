using System.Globalization;
using System.Text;
using System.Xml;

namespace Retail.Core.Partners.Feeds;

/// <summary>What Google Merchant Center is told of an item. It takes no item without a picture.</summary>
internal static class GoogleItem
{
    /// <summary>The columns of the tab-separated feed; the XML has the same fields.</summary>
    public static readonly string[] Columns =
    [
        "id", "title", "description", "link", "image_link", "additional_image_link", "availability", "price", "sale_price", "sale_price_effective_date",
        "brand", "gtin", "identifier_exists", "condition", "item_group_id", "color", "size", "material", "pattern", "product_type",
    ];

    public static bool Takes(OutItem item) => item.Pictures.Count > 0 && item.Price > 0;

    /// <summary>The fields that an item has, in the order of the columns; further pictures come one by one.</summary>
    public static IEnumerable<(string Field, string Value)> Fields(OutItem item, FeedSite site)
    {
        yield return ("id", item.Id);
        yield return ("title", item.Title);
        yield return ("description", item.Description);
        yield return ("link", site.Of(item.Path));
        yield return ("image_link", site.Of(item.Pictures[0]));
        foreach (var picture in item.Pictures.Skip(1)) yield return ("additional_image_link", site.Of(picture));
        yield return ("availability", item.Availability);
        yield return ("price", site.Price(item.Price));
        if (item.SalePrice is { } sale) yield return ("sale_price", site.Price(sale));
        if (item.SalePrice is not null && item.SaleTime is not null) yield return ("sale_price_effective_date", item.SaleTimeText);
        if (item.Brand.Length > 0) yield return ("brand", item.Brand);
        if (item.PublicGtin is { } gtin) yield return ("gtin", gtin);
        // The shop knows no maker's part numbers.
        else yield return ("identifier_exists", "no");
        yield return ("condition", "new");
        if (item.Group is { } group) yield return ("item_group_id", group);
        foreach (var (field, value) in item.Options) yield return (field, value);
        yield return ("product_type", item.Category);
    }
}

/// <summary>Google Merchant Center's XML: RSS 2.0 with fields in the g: namespace.</summary>
internal sealed class GoogleXmlFeed : IOutFeed
{
    private const string Namespace = "http://base.google.com/ns/1.0";

    public string FileName => "google-merchant.xml";

    public string ContentType => "application/xml; charset=utf-8";

    public bool Takes(OutItem item) => GoogleItem.Takes(item);

    public OutFeedWriter Open(MemoryStream buffer, FeedSite site) => new Writer(buffer, site);

    private sealed class Writer(MemoryStream buffer, FeedSite site) : OutFeedWriter
    {
        private readonly XmlWriter _xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CloseOutput = false, Indent = true, IndentChars = " ", NewLineChars = "\n" });

        public override void Begin()
        {
            _xml.WriteStartDocument();
            _xml.WriteStartElement("rss");
            _xml.WriteAttributeString("version", "2.0");
            _xml.WriteAttributeString("xmlns", "g", null, Namespace);
            _xml.WriteStartElement("channel");
            _xml.WriteElementString("title", site.Name);
            _xml.WriteElementString("link", site.Of("/"));
            _xml.WriteElementString("description", string.Create(CultureInfo.InvariantCulture, $"All products of {site.Name}"));
        }

        public override void Write(OutItem item)
        {
            _xml.WriteStartElement("item");
            foreach (var (field, value) in GoogleItem.Fields(item, site)) _xml.WriteElementString("g", field, Namespace, value);
            _xml.WriteEndElement();
        }

        public override void End() => _xml.WriteEndDocument();

        public override void Flush() => _xml.Flush();

        protected override void Dispose(bool disposing) => _xml.Dispose();
    }
}

/// <summary>The same as a tab-separated file.</summary>
internal sealed class GoogleTsvFeed : IOutFeed
{
    public string FileName => "google-merchant.tsv";

    public string ContentType => "text/tab-separated-values; charset=utf-8";

    public bool Takes(OutItem item) => GoogleItem.Takes(item);

    public OutFeedWriter Open(MemoryStream buffer, FeedSite site) => new TableWriter(buffer, '\t', GoogleItem.Columns, item => GoogleItem.Fields(item, site));
}
