using Retail.Core.Catalog;

namespace Retail.Core.Inventory.Seeding;

/// <summary>A product about to be written in bulk, on sale from its first moment.</summary>
internal sealed record NewProduct
{
    public required Guid Id { get; init; }
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public string Brand { get; init; } = "";
    public required Guid CategoryId { get; init; }
    public string Description { get; init; } = "";
    public bool DescriptionIsHtml { get; init; }
    public IReadOnlyList<ProductAttribute> Attributes { get; init; } = [];
    public string[] OptionNames { get; init; } = [];
    public bool Featured { get; init; }
    public decimal RatingAverage { get; init; }
    public int RatingCount { get; init; }
    public string? ExternalId { get; init; }
    public Guid? PartnerId { get; init; }
    public Guid? DrillId { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }
    public IReadOnlyList<NewPicture> Pictures { get; init; } = [];
    public required IReadOnlyList<NewVariant> Variants { get; init; }
}

/// <summary>A picture of it; its content is stored already.</summary>
internal sealed record NewPicture(Guid Id, string Hash, string Alt);

/// <summary>What is sold, with its first stock.</summary>
internal sealed record NewVariant(Guid Id, string Sku, string? Gtin, string[] Options, decimal Price, decimal? CompareAt, Guid? PictureId, int Stock);
