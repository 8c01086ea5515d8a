using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Pipeline;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Formats;

/// <summary>
/// Shopify's product CSV: the first row of a handle describes the product, and each row with a price is a variant of it; rows with a
/// picture alone add it. Products that are drafts, archived or not published are left out, so they count as no longer in the feed.
/// </summary>
internal sealed class ShopifyFormat : IFeedFormat
{
    private const string NoOption = "Title";

    public string Key => "shopify";

    public string Name => "Shopify product CSV";

    public string Sample => "shopify.csv";

    public async IAsyncEnumerable<FeedRow> ReadAsync(FeedFile file, [EnumeratorCancellation] CancellationToken ct)
    {
        Columns? columns = null;
        ShopifyProduct? product = null;
        await foreach (var record in CsvFormat.OpenAsync(file, ct))
        {
            if (columns is null)
            {
                columns = new Columns(record.Values);
                if (!columns.Has("Handle") || !columns.Has("Title") || !columns.Has("Variant Price"))
                    throw new FeedUnreadableException(FeedCodes.MissingHeader, "The first row must have Shopify's columns, Handle, Title and Variant Price among them.");
                continue;
            }
            if (CsvFormat.BrokenRow(record, columns.Names) is { } broken)
            {
                yield return broken;
                continue;
            }
            string Of(string column) => columns.Of(record.Values, column);
            if (Of("Handle").Length == 0)
            {
                if (!record.Values.All(string.IsNullOrWhiteSpace)) yield return FeedRow.Broken(record.Line, "no Handle, so it belongs to no product");
                continue;
            }
            if (product?.Handle != Of("Handle"))
            {
                // The pictures of all its rows are known only now.
                if (product is not null) foreach (var row in product.Finish()) yield return row;
                product = new ShopifyProduct(Of);
            }
            product.Add(record.Line, Of);
            if (product.Rows.Count > 1000) throw new FeedUnreadableException(FeedCodes.TooLarge, $"Line {record.Line}: more than 1000 rows have the handle {product.Handle}.");
        }
        if (product is not null) foreach (var row in product.Finish()) yield return row;
    }

    private sealed class Columns(string[] header)
    {
        private readonly Dictionary<string, int> _index = header.Select((name, i) => (name: name.Trim(), i)).DistinctBy(c => c.name, StringComparer.OrdinalIgnoreCase).ToDictionary(c => c.name, c => c.i, StringComparer.OrdinalIgnoreCase);

        public string[] Names => header;

        public bool Has(string column) => _index.ContainsKey(column);

        public string Of(string[] values, string column) => _index.TryGetValue(column, out var i) ? values[i].Trim() : "";
    }

    private sealed class ShopifyProduct(Func<string, string> first)
    {
        private readonly string[] _optionNames = [first("Option1 Name"), first("Option2 Name"), first("Option3 Name")];
        private readonly List<string> _pictures = [];

        private readonly (string Title, string Body, string Vendor, string Category) _shared =
            (first("Title"), first("Body (HTML)") is { Length: > 0 } body ? body : first("Body HTML"), first("Vendor"), first("Type") is { Length: > 0 } type ? type : first("Product Category"));

        private readonly bool _isPublished = !first("Published").Equals("false", StringComparison.OrdinalIgnoreCase) && first("Status").ToLowerInvariant() is "" or "active";

        public string Handle { get; } = first("Handle");

        public List<FeedRow> Rows { get; } = [];

        public void Add(long line, Func<string, string> of)
        {
            if (!_isPublished) return;
            if (of("Image Src") is { Length: > 0 } picture && !_pictures.Contains(picture)) _pictures.Add(picture);
            // A row of a picture alone has neither a price nor an option's value.
            if (Rows.Count > 0 && of("Variant Price").Length == 0 && of("Option1 Value").Length == 0) return;
            var row = new FeedRow(line);
            var values = new[] { of("Option1 Value"), of("Option2 Value"), of("Option3 Value") };
            for (var i = 0; i < 3; i++)
                if (_optionNames[i].Length > 0 && values[i].Length > 0 && _optionNames[i] != NoOption) row.Options.Add((_optionNames[i], values[i]));
            Set(row, FeedField.Id, of("Variant SKU") is { Length: > 0 and <= FeedItem.MaxIdLength } sku ? sku : IdOf(string.Join('/', row.Options.Select(o => o.Value).Prepend(Handle))));
            Set(row, FeedField.Group, IdOf(Handle));
            Set(row, FeedField.Title, _shared.Title);
            Set(row, FeedField.Description, _shared.Body);
            Set(row, FeedField.Brand, _shared.Vendor);
            Set(row, FeedField.Category, _shared.Category);
            Set(row, FeedField.Price, of("Variant Price"));
            Set(row, FeedField.CompareAt, of("Variant Compare At Price"));
            Set(row, FeedField.Gtin, of("Variant Barcode").Trim('\''));
            Set(row, FeedField.Quantity, QuantityOf(of));
            Set(row, FeedField.Image, of("Variant Image") is { Length: > 0 } own ? own : _pictures.FirstOrDefault(""));
            Rows.Add(row);
        }

        public List<FeedRow> Finish()
        {
            foreach (var row in Rows) row.Pictures.AddRange(_pictures);
            return Rows;
        }

        // A stock below nothing is oversold there; without tracking there is always some.
        private static string QuantityOf(Func<string, string> of) =>
            of("Variant Inventory Tracker").Length == 0 && of("Variant Inventory Qty") is "" or "0" ? "" : of("Variant Inventory Qty").StartsWith('-') ? "0" : of("Variant Inventory Qty");

        private static void Set(FeedRow row, string field, string value)
        {
            if (value.Length > 0) row.Fields[field] = value;
        }

        // Shopify's names are longer than ids may be; the same name always gives the same id.
        private static string IdOf(string name) => name.Length <= FeedItem.MaxIdLength ? name
            : $"{name[..(FeedItem.MaxIdLength - 13)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12]}";
    }
}
