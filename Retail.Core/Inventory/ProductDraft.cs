using Retail.Core.Catalog;

namespace Retail.Core.Inventory;

/// <summary>A product as an admin, an import or a feed wants it to be.</summary>
public sealed record ProductDraft
{
    /// <summary>The product to change; null for a new one, or one that is found by <see cref="ExternalId"/>.</summary>
    public Guid? Id { get; init; }

    /// <summary>The row version that the form showed: an edit by somebody else since then is not overwritten. Null: no check.</summary>
    public uint? Version { get; init; }

    /// <inheritdoc cref="Product.Name"/>
    public required string Name { get; init; }

    /// <summary>Name in the address bar; null: kept, or made of the name.</summary>
    public string? Slug { get; init; }

    /// <inheritdoc cref="Product.Brand"/>
    public string Brand { get; init; } = "";

    /// <inheritdoc cref="Product.CategoryId"/>
    public required Guid CategoryId { get; init; }

    /// <inheritdoc cref="Product.Description"/>
    public string Description { get; init; } = "";

    /// <inheritdoc cref="Product.Attributes"/>
    public IReadOnlyList<ProductAttribute> Attributes { get; init; } = [];

    /// <inheritdoc cref="Product.OptionNames"/>
    public IReadOnlyList<string> OptionNames { get; init; } = [];

    /// <inheritdoc cref="Product.Featured"/>
    public bool Featured { get; init; }

    /// <inheritdoc cref="Product.ExternalId"/>
    public string? ExternalId { get; init; }

    /// <inheritdoc cref="Product.Status"/>
    public ProductStatus Status { get; init; } = ProductStatus.Draft;

    /// <summary>The gallery, in order; pictures that are not named leave it.</summary>
    public IReadOnlyList<PictureDraft> Pictures { get; init; } = [];

    /// <summary>What is sold, in order; variants that are not named are taken out of the range.</summary>
    public required IReadOnlyList<VariantDraft> Variants { get; init; }
}

/// <summary>A picture to keep or to add.</summary>
public sealed record PictureDraft
{
    /// <summary>A picture that is there; null for a new one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The new picture's file.</summary>
    public PictureFile? File { get; init; }

    /// <inheritdoc cref="ProductPicture.Alt"/>
    public string Alt { get; init; } = "";
}

/// <summary>A picture's bytes, checked for what they are by whoever took them in.</summary>
/// <param name="Bytes">At most <see cref="PictureContent.MaxBytes"/>.</param>
/// <param name="ContentType">As <see cref="PictureContent.ContentType"/>.</param>
public sealed record PictureFile(byte[] Bytes, string ContentType);

/// <summary>A variant to keep or to add.</summary>
public sealed record VariantDraft
{
    /// <summary>A variant that is there; null for a new one, or one of the product that has the SKU.</summary>
    public Guid? Id { get; init; }

    /// <inheritdoc cref="Variant.Sku"/>
    public required string Sku { get; init; }

    /// <inheritdoc cref="Variant.Gtin"/>
    public string? Gtin { get; init; }

    /// <inheritdoc cref="Variant.Options"/>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>In the store's currency.</summary>
    public required decimal Price { get; init; }

    /// <inheritdoc cref="Variant.CompareAtAmount"/>
    public decimal? CompareAt { get; init; }

    /// <summary>Units in the warehouse; null leaves them as they are.</summary>
    public int? Stock { get; init; }

    /// <summary>The units that the form showed: then only the difference is booked, so that sales meanwhile stay sold. Null: <see cref="Stock"/> is set as it is.</summary>
    public int? StockShown { get; init; }

    /// <summary>Which of <see cref="ProductDraft.Pictures"/> shows it; null for the first.</summary>
    public int? PictureIndex { get; init; }
}

/// <summary>What saving did.</summary>
public enum SaveOutcome
{
    /// <summary>A new product.</summary>
    Created,

    /// <summary>Something is different now.</summary>
    Changed,

    /// <summary>All was so already.</summary>
    Unchanged,
}

/// <summary>A saved product.</summary>
/// <param name="Id">Key.</param>
/// <param name="Slug">Name in the address bar.</param>
/// <param name="Outcome">What saving did.</param>
public sealed record SavedProduct(Guid Id, string Slug, SaveOutcome Outcome);
