namespace Retail.Core.Partners.Runs;

/// <summary>What can be wrong with a row or a file. Stable: partners' programs switch on them.</summary>
public static class FeedCodes
{
    /// <summary>A field that is needed is not there.</summary>
    public const string MissingField = "MISSING_FIELD";

    /// <summary>No price such as 12.30, or out of range.</summary>
    public const string BadPrice = "BAD_PRICE";

    /// <summary>A price in another currency than agreed.</summary>
    public const string BadCurrency = "BAD_CURRENCY";

    /// <summary>No GTIN, or its check digit is wrong.</summary>
    public const string BadGtin = "BAD_GTIN_CHECKDIGIT";

    /// <summary>Longer than the field takes.</summary>
    public const string TooLong = "TOO_LONG";

    /// <summary>An earlier row has the same id.</summary>
    public const string DuplicateId = "DUPLICATE_ID";

    /// <summary>No http or https address.</summary>
    public const string BadUrl = "BAD_URL";

    /// <summary>A word for the availability that is not known.</summary>
    public const string UnknownAvailability = "UNKNOWN_AVAILABILITY";

    /// <summary>No whole number of units.</summary>
    public const string BadQuantity = "BAD_QUANTITY";

    /// <summary>Characters that are no text.</summary>
    public const string BadText = "BAD_TEXT";

    /// <summary>The row can't be read: its quoting, its number of values, its syntax.</summary>
    public const string BadRow = "BAD_ROW";

    /// <summary>The category is not mapped, and the partner has no shelf for such rows.</summary>
    public const string UnknownCategory = "UNKNOWN_CATEGORY";

    /// <summary>Another product of the shop has the SKU that the row would get.</summary>
    public const string SkuTaken = "SKU_TAKEN";

    /// <summary>Rows of one item group that differ in no option, or have the same options.</summary>
    public const string DuplicateOptions = "DUPLICATE_OPTIONS";

    /// <summary>More variants in an item group than a product has.</summary>
    public const string TooManyVariants = "TOO_MANY_VARIANTS";

    /// <summary>The agreement allows no new products.</summary>
    public const string NewNotAllowed = "NEW_NOT_ALLOWED";

    /// <summary>A warning: the sale price is not below the price, or its time is over or can't be read; it was not used.</summary>
    public const string SalePriceIgnored = "SALE_PRICE_IGNORED";

    /// <summary>A warning: to be had later only, so it is shown as sold out.</summary>
    public const string NotYetAvailable = "NOT_YET_AVAILABLE";

    /// <summary>The file ends in the middle of a row, or breaks there, so that the rest was not read.</summary>
    public const string Truncated = "TRUNCATED";

    /// <summary>Of a file: the header row names no columns that are needed.</summary>
    public const string MissingHeader = "MISSING_HEADER";

    /// <summary>Of a file: nothing in it.</summary>
    public const string EmptyFile = "EMPTY_FILE";

    /// <summary>Of a file: not in an encoding that the format takes.</summary>
    public const string BadEncoding = "BAD_ENCODING";

    /// <summary>Of a file: larger, or unpacked larger, than is taken.</summary>
    public const string TooLarge = "TOO_LARGE";

    /// <summary>Of a file: XML with a document type or external entities.</summary>
    public const string DtdRefused = "DTD_REFUSED";

    /// <summary>Of a file: not what the partner's format says.</summary>
    public const string WrongFormat = "WRONG_FORMAT";

    /// <summary>Of a file: compressed data that can't be unpacked.</summary>
    public const string BadCompression = "BAD_COMPRESSION";

    /// <summary>Of a run: it failed for a reason of the shop's own.</summary>
    public const string Internal = "INTERNAL";
}
