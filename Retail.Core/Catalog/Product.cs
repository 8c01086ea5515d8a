using Retail.Core.Common;

namespace Retail.Core.Catalog;

/// <summary>Whether shoppers see a product.</summary>
public enum ProductStatus
{
    /// <summary>Being prepared; only admins see it.</summary>
    Draft,

    /// <summary>On sale.</summary>
    Published,

    /// <summary>No longer sold; kept because orders refer to it.</summary>
    Archived,
}

/// <summary>One line of a product's fact sheet, such as Material: oak.</summary>
/// <param name="Name">At most 60 characters.</param>
/// <param name="Value">At most 200 characters.</param>
public sealed record ProductAttribute(string Name, string Value);

/// <summary>What a shopper looks at. What is sold are its variants; a product without options has exactly one.</summary>
public sealed class Product
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 150;

    /// <summary>The longest description, in characters.</summary>
    public const int MaxDescriptionLength = 10_000;

    /// <summary>The most options (size, colour, ...) a product has.</summary>
    public const int MaxOptions = 3;

    /// <summary>The most variants a product has.</summary>
    public const int MaxVariants = 100;

    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique name in the address bar; kept when the name changes, so that links live.</summary>
    public required string Slug { get; set; }

    /// <summary>What people read.</summary>
    public required string Name { get; set; }

    /// <summary>Maker; may be empty.</summary>
    public string Brand { get; set; } = "";

    /// <summary>The shelf.</summary>
    public Guid CategoryId { get; set; }

    /// <summary>Plain text, where blank lines make paragraphs; or sanitised HTML, see <see cref="DescriptionIsHtml"/>.</summary>
    public string Description { get; set; } = "";

    /// <summary>The description is HTML as <see cref="Common.HtmlText.Sanitise"/> makes it. Only <see cref="DescriptionText"/> decides that.</summary>
    public bool DescriptionIsHtml { get; set; }

    /// <summary>Fact sheet, in the order to show.</summary>
    public IReadOnlyList<ProductAttribute> Attributes { get; set; } = [];

    /// <summary>Names of the options that tell variants apart, such as Size and Colour; empty when there is one variant.</summary>
    public IReadOnlyList<string> OptionNames { get; set; } = [];

    /// <summary>Whether shoppers see it.</summary>
    public ProductStatus Status { get; private set; } = ProductStatus.Draft;

    /// <summary>Shown on the home page.</summary>
    public bool Featured { get; set; }

    /// <summary>Mean of the reviews, 0 when there are none (D0-09).</summary>
    public decimal RatingAverage { get; private set; }

    /// <summary>Number of reviews.</summary>
    public int RatingCount { get; private set; }

    /// <summary>Where it came from and its id there, such as "import:42"; null for the shop's own.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The partner whose feed brings it; null for the shop's own.</summary>
    public Guid? PartnerId { get; init; }

    /// <summary>The drill that it was made for: no shopper sees or buys it. Null for goods.</summary>
    public Guid? DrillId { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it first went on sale, UTC; decides what is new.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>Last change, UTC.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Row version, for edits that must not overwrite each other.</summary>
    public uint Version { get; private init; }

    /// <summary>What is sold, in the order to show.</summary>
    public List<Variant> Variants { get; } = [];

    /// <summary>Pictures, in the order to show.</summary>
    public List<ProductPicture> Pictures { get; } = [];

    /// <summary>There is something to sell: one variant at least.</summary>
    public bool CanBePublished => Variants.Exists(v => v.RetiredAt is null);

    /// <summary>Puts it on sale.</summary>
    public void Publish(DateTimeOffset now)
    {
        if (!CanBePublished) throw new InvalidOperationException($"Product {Id} has no variant to sell.");
        Status = ProductStatus.Published;
        PublishedAt ??= now;
        UpdatedAt = now;
    }

    /// <summary>Takes it off sale; it can be published again.</summary>
    public void Unpublish(DateTimeOffset now) => (Status, UpdatedAt) = (ProductStatus.Draft, now);

    /// <summary>Takes it off sale for good, kept for the orders that refer to it.</summary>
    public void Archive(DateTimeOffset now) => (Status, UpdatedAt) = (ProductStatus.Archived, now);
}

/// <summary>What is sold: one SKU with its price and stock.</summary>
public sealed class Variant
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>The product it belongs to.</summary>
    public Guid ProductId { get; init; }

    /// <summary>Stock keeping unit, unique in the shop; at most 64 characters.</summary>
    public required string Sku { get; set; }

    /// <summary>GS1 trade item number (8, 12, 13 or 14 digits with a right check digit), or null.</summary>
    public string? Gtin { get; set; }

    /// <summary>Values of the product's options, in their order.</summary>
    public IReadOnlyList<string> Options { get; set; } = [];

    /// <summary>What one unit costs now, tax included.</summary>
    public Money Price { get; set; }

    /// <summary>The former price shown struck out, in the price's currency; null when there is none.</summary>
    public decimal? CompareAtAmount { get; set; }

    /// <summary>The picture that shows this variant; null for the product's first.</summary>
    public Guid? PictureId { get; set; }

    /// <summary>Order among the product's variants, lowest first.</summary>
    public int Position { get; set; }

    /// <summary>When it was taken out of the range, UTC; kept because orders refer to it.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>"M / Blue"; empty when the product has no options.</summary>
    public string OptionText => string.Join(" / ", Options);
}
