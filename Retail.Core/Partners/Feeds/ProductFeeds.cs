using System.Globalization;
using System.Text.Json;

namespace Retail.Core.Partners.Feeds;

/// <summary>All that the shop tells partners of an item, with units, in the words that its own importer knows.</summary>
internal static class ProductItem
{
    public static readonly string[] Columns =
    [
        "id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link", "availability", "quantity", "price", "sale_price",
        "sale_price_effective_date", "gtin", "brand", "product_type", "condition", "color", "size", "material", "pattern",
    ];

    public static bool Takes(OutItem item) => item.Price > 0;

    public static IEnumerable<(string Field, string Value)> Fields(OutItem item, FeedSite site)
    {
        yield return ("id", item.Id);
        if (item.Group is { } group) yield return ("item_group_id", group);
        yield return ("title", item.Title);
        yield return ("description", item.Description);
        yield return ("link", site.Of(item.Path));
        foreach (var (i, picture) in item.Pictures.Index()) yield return (i == 0 ? "image_link" : "additional_image_link", site.Of(picture));
        yield return ("availability", item.Availability);
        yield return ("quantity", item.Quantity.ToString(CultureInfo.InvariantCulture));
        yield return ("price", site.Price(item.Price));
        if (item.SalePrice is { } sale) yield return ("sale_price", site.Price(sale));
        if (item.SalePrice is not null && item.SaleTime is not null) yield return ("sale_price_effective_date", item.SaleTimeText);
        if (item.Gtin is { } gtin) yield return ("gtin", gtin);
        if (item.Brand.Length > 0) yield return ("brand", item.Brand);
        yield return ("product_type", item.Category);
        yield return ("condition", "new");
        foreach (var (field, value) in item.Options) yield return (field, value);
    }
}

/// <summary>Products as CSV, an item a row.</summary>
internal sealed class CsvFeed : IOutFeed
{
    public string FileName => "products.csv";

    public string ContentType => "text/csv; charset=utf-8";

    public bool Takes(OutItem item) => ProductItem.Takes(item);

    public OutFeedWriter Open(MemoryStream buffer, FeedSite site) => new TableWriter(buffer, ',', ProductItem.Columns, item => ProductItem.Fields(item, site));
}

/// <summary>Products as JSON: one array, an item an object.</summary>
internal sealed class JsonFeed : IOutFeed
{
    public string FileName => "products.json";

    public string ContentType => "application/json; charset=utf-8";

    public bool Takes(OutItem item) => ProductItem.Takes(item);

    public OutFeedWriter Open(MemoryStream buffer, FeedSite site) => new Writer(buffer, site);

    private sealed class Writer(MemoryStream buffer, FeedSite site) : OutFeedWriter
    {
        private const int Pending = 8 * 1024;

        private readonly Utf8JsonWriter _json = new(buffer);

        public override void Begin() => _json.WriteStartArray();

        public override void Write(OutItem item)
        {
            _json.WriteStartObject();
            foreach (var (field, value) in ProductItem.Fields(item, site))
            {
                if (field == "additional_image_link") continue;
                if (field == "quantity") _json.WriteNumber(field, item.Quantity);
                else _json.WriteString(field, value);
            }
            if (item.Pictures.Count > 1)
            {
                _json.WriteStartArray("additional_image_link");
                foreach (var picture in item.Pictures.Skip(1)) _json.WriteStringValue(site.Of(picture));
                _json.WriteEndArray();
            }
            _json.WriteEndObject();
            // It would keep all of it to itself otherwise.
            if (_json.BytesPending > Pending) _json.Flush();
        }

        public override void End()
        {
            _json.WriteEndArray();
            Flush();
        }

        public override void Flush() => _json.Flush();

        protected override void Dispose(bool disposing) => _json.Dispose();
    }
}
