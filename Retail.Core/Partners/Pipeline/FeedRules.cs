using System.Globalization;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Inventory;
using Retail.Core.Partners.Formats;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>What is wrong with a row, before it has a place in a report.</summary>
internal sealed record FeedRemark(bool IsRejection, string Code, string Field, string Message);

/// <summary>Checks rows and turns them into what the shop would have: all formats alike. Tells everything that is wrong with a row, not the first thing alone.</summary>
internal sealed class FeedRules(Partner partner, FeedShelves shelves, DateTimeOffset now)
{
    public const int MaxUrlLength = 2000;
    public const int MaxPictures = 10;
    private const int MaxBrandLength = 80, MaxFactName = 60, MaxFactValue = 200;

    private readonly List<FeedRemark> _remarks = [];
    private FeedRow _row = new(0);

    /// <summary>The item, or null when it must be rejected, with what is to be said about the row.</summary>
    public (FeedItem? Item, IReadOnlyList<FeedRemark> Remarks) Read(FeedRow row)
    {
        _row = row;
        _remarks.Clear();
        if (row.Problem is { } problem)
        {
            Reject(row.IsCut ? FeedCodes.Truncated : FeedCodes.BadRow, "", Sentence(problem));
            return (null, [.. _remarks]);
        }
        var item = ReadFields();
        return (_remarks.Exists(r => r.IsRejection) ? null : item, [.. _remarks]);
    }

    /// <summary>The row's id when it can be one.</summary>
    public static string? IdOf(FeedRow row) => (row[FeedField.Id] ?? row[FeedField.Sku]) is { Length: <= FeedItem.MaxIdLength } id && !HasBadText(id) ? id : null;

    private FeedItem ReadFields()
    {
        foreach (var (field, value) in _row.Fields)
            if (HasBadText(value)) Reject(FeedCodes.BadText, field, $"The {field} has characters that are no text (control characters or half a character).");
        var id = Needed(FeedField.Id, _row[FeedField.Id] ?? _row[FeedField.Sku], FeedItem.MaxIdLength);
        var group = Limited(FeedField.Group, _row[FeedField.Group], FeedItem.MaxIdLength);
        var (description, isHtml) = Describe();
        var (price, compareAt) = Prices();
        var (quantity, inStock) = Stock();
        var category = _row[FeedField.Category] ?? _row[FeedField.GoogleCategory] ?? "";
        if (shelves.Find(category) is not { } shelf)
        {
            Reject(FeedCodes.UnknownCategory, FeedField.Category, category.Length == 0 ? "The row names no category, and none is agreed on for such rows." : $"The category \u201c{Cut(category, 80)}\u201d is not mapped to one of the shop.");
            shelf = Guid.Empty;
        }
        if (_row[FeedField.Link] is { } link) Address(FeedField.Link, link);
        var pictures = Pictures();
        return new FeedItem
        {
            Id = id,
            ProductKey = group.Length > 0 ? $"group:{group}" : $"item:{id}",
            Title = Needed(FeedField.Title, OneLine(_row[FeedField.Title]), Product.MaxNameLength),
            Brand = Limited(FeedField.Brand, OneLine(_row[FeedField.Brand]), MaxBrandLength),
            CategoryId = shelf,
            Description = description,
            IsHtml = isHtml,
            Options = [.. Sheet(_row.Options, MaxFactName)],
            Facts = [.. Sheet(_row.Facts.Concat(OwnFacts()), MaxFactValue)],
            Gtin = Gtin(),
            Price = price,
            CompareAt = compareAt,
            Quantity = quantity,
            InStock = inStock,
            Pictures = pictures,
        };
    }

    private (decimal, decimal?) Prices()
    {
        if (_row[FeedField.Price] is null)
        {
            Reject(FeedCodes.MissingField, FeedField.Price, "The price is missing.");
            return default;
        }
        var price = Price(FeedField.Price);
        var before = _row[FeedField.CompareAt] is null ? null : Price(FeedField.CompareAt);
        if (_row[FeedField.SalePrice] is not null && Price(FeedField.SalePrice) is { } sale)
        {
            if (sale >= price) Warn(FeedCodes.SalePriceIgnored, FeedField.SalePrice, "The sale price is not below the price, so it is not used.");
            else if (CountsNow(_row[FeedField.SaleTime])) (price, before) = (sale, price);
        }
        if (price is not { } partnersPrice) return default;
        var (shops, shopsBefore) = (partner.PriceRule.Apply(partnersPrice), before is { } b ? partner.PriceRule.Apply(b) : (decimal?)null);
        if (shops is <= 0 or > ProductRules.MaxPrice) Reject(FeedCodes.BadPrice, FeedField.Price, string.Create(CultureInfo.InvariantCulture, $"The price in the shop would be {shops:0.00}; it must be more than 0 and at most {ProductRules.MaxPrice:0}."));
        return (shops, shopsBefore > shops && shopsBefore <= ProductRules.MaxPrice ? shopsBefore : null);
    }

    // "12.30", "12.30 USD" or "USD 12.30"
    private decimal? Price(string field)
    {
        var text = _row[field]!;
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var currency = parts.FirstOrDefault(p => p.Length == 3 && p.All(char.IsAsciiLetter)) ?? _row[FeedField.Currency];
        var number = parts.Length == 1 ? parts[0] : parts.Length == 2 && currency is not null ? parts.First(p => p != currency) : text;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) || price <= 0 || price > ProductRules.MaxPrice)
        {
            Reject(FeedCodes.BadPrice, field, $"\u201c{Cut(text, 40)}\u201d is no price: write it as 12.30 or 12.30 {partner.Currency}, more than 0.");
            return null;
        }
        if (currency is not null && !currency.Equals(partner.Currency, StringComparison.OrdinalIgnoreCase))
        {
            Reject(FeedCodes.BadCurrency, field, $"The currency is {Cut(currency, 10)}, but prices of this feed are in {partner.Currency}.");
            return null;
        }
        return price;
    }

    private bool CountsNow(string? time)
    {
        if (time is null) return true;
        var ends = time.Split('/', StringSplitOptions.TrimEntries);
        if (ends.Length == 2 && DateTimeOffset.TryParse(ends[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start) && DateTimeOffset.TryParse(ends[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end))
            return now >= start && now < end;
        Warn(FeedCodes.SalePriceIgnored, FeedField.SaleTime, "The time of the sale price can\u2019t be read: write start/end as 2026-03-01T00:00Z/2026-03-08T00:00Z. The sale price is not used.");
        return false;
    }

    private (int?, bool?) Stock()
    {
        int? quantity = null;
        if (_row[FeedField.Quantity] is { } text)
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units <= ProductRules.MaxStock) quantity = units;
            else Reject(FeedCodes.BadQuantity, FeedField.Quantity, $"\u201c{Cut(text, 40)}\u201d is no number of units: write a whole number from 0 to {ProductRules.MaxStock}.");
        }
        if (_row[FeedField.Availability] is not { } word) return (quantity, null);
        switch (Plain(word))
        {
            case "instock" or "available" or "true" or "yes" or "limitedavailability": return (quantity, true);
            case "outofstock" or "soldout" or "discontinued" or "false" or "no": return (0, false);
            case "preorder" or "backorder":
                Warn(FeedCodes.NotYetAvailable, FeedField.Availability, "It can be had later only, so it is shown as sold out.");
                return (0, false);
            default:
                Reject(FeedCodes.UnknownAvailability, FeedField.Availability, $"\u201c{Cut(word, 40)}\u201d is no availability: use in_stock, out_of_stock, preorder or backorder.");
                return (quantity, null);
        }
    }

    private string? Gtin()
    {
        if (_row[FeedField.Gtin] is not { } text) return null;
        var gtin = text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (ProductRules.IsGtin(gtin)) return gtin;
        Reject(FeedCodes.BadGtin, FeedField.Gtin, $"\u201c{Cut(text, 40)}\u201d is no GTIN: 8, 12, 13 or 14 digits whose last one checks the others. Leave it out when there is none.");
        return null;
    }

    private (string, bool) Describe()
    {
        if (_row[FeedField.Description] is not { } text) return ("", false);
        var (description, isHtml) = DescriptionText.Of(text);
        if (description.Length > Product.MaxDescriptionLength) Reject(FeedCodes.TooLong, FeedField.Description, $"The description has {description.Length} characters; at most {Product.MaxDescriptionLength} are taken.");
        return (description, isHtml);
    }

    private List<string> Pictures()
    {
        var addresses = new List<string>();
        if (_row[FeedField.Image] is { } image && Address(FeedField.Image, image)) addresses.Add(image);
        foreach (var more in _row.Pictures.Concat((_row[FeedField.MoreImages] ?? "").Split(',', StringSplitOptions.TrimEntries)).Where(p => p.Length > 0))
            if (Address(FeedField.MoreImages, more) && !addresses.Contains(more)) addresses.Add(more);
        return addresses.Count > MaxPictures ? addresses[..MaxPictures] : addresses;
    }

    private bool Address(string field, string text)
    {
        if (text.Length <= MaxUrlLength && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0) return true;
        Reject(FeedCodes.BadUrl, field, $"\u201c{Cut(text, 80)}\u201d is no address: it must begin with http:// or https://.");
        return false;
    }

    private IEnumerable<(string, string)> OwnFacts()
    {
        if (_row[FeedField.Mpn] is { } mpn) yield return ("Part number", mpn);
        if (_row[FeedField.Condition] is { } condition && !condition.Equals("new", StringComparison.OrdinalIgnoreCase)) yield return ("Condition", condition);
        if (_row[FeedField.Weight] is { } weight) yield return ("Shipping weight", weight);
    }

    private IEnumerable<ProductAttribute> Sheet(IEnumerable<(string Name, string Value)> facts, int longest)
    {
        foreach (var (name, value) in facts)
        {
            var (n, v) = (name.Trim(), value.Trim());
            if (n.Length == 0 || v.Length == 0) continue;
            if (HasBadText(n) || HasBadText(v)) Reject(FeedCodes.BadText, "attributes", "It has characters that are no text (control characters or half a character).");
            else if (n.Length > MaxFactName || v.Length > longest) Reject(FeedCodes.TooLong, "attributes", $"{Cut(n, 40)}: a name has at most {MaxFactName} and this value at most {longest} characters.");
            else yield return new(n, v);
        }
    }

    private string Needed(string field, string? value, int longest)
    {
        if (value is null) Reject(FeedCodes.MissingField, field, $"The {field} is missing.");
        return Limited(field, value, longest);
    }

    private string Limited(string field, string? value, int longest)
    {
        if (value?.Length > longest) Reject(FeedCodes.TooLong, field, $"The {field} has {value.Length} characters; at most {longest} are taken.");
        return value ?? "";
    }

    private void Reject(string code, string field, string message) => _remarks.Add(new(true, code, field, message));

    private void Warn(string code, string field, string message) => _remarks.Add(new(false, code, field, message));

    private static string? OneLine(string? text) => text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static bool HasBadText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c < ' ' && c is not ('\t' or '\n' or '\r')) return true;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (char.IsSurrogate(c)) return true;
        }
        return false;
    }

    // "in stock", "in_stock" and "https://schema.org/InStock" are one.
    private static string Plain(string word) => string.Concat(word[(word.LastIndexOf('/') + 1)..].Where(char.IsAsciiLetter)).ToLowerInvariant();

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "\u2026";

    private static string Sentence(string problem) => $"{char.ToUpperInvariant(problem[0])}{problem[1..]}.";
}
