using System.Text.Json;
using Retail.Core.Catalog;

namespace Retail.Core.Partners.Pipeline;

/// <summary>A row that can be used, as the shop would have it: checked, priced, sanitised.</summary>
public sealed record FeedItem
{
    /// <summary>The longest id of a row, in characters, as Google has it; the variant's SKU is made of it.</summary>
    public const int MaxIdLength = 50;

    /// <summary>The partner's id.</summary>
    public required string Id { get; init; }

    /// <summary>What makes rows one product.</summary>
    public required string ProductKey { get; init; }

    /// <summary>Name of the product.</summary>
    public required string Title { get; init; }

    /// <summary>Maker, or empty.</summary>
    public required string Brand { get; init; }

    /// <summary>The shelf.</summary>
    public required Guid CategoryId { get; init; }

    /// <summary>Text, or sanitised HTML.</summary>
    public required string Description { get; init; }

    /// <summary>Which of the two.</summary>
    public bool IsHtml { get; init; }

    /// <summary>What tells it from its siblings.</summary>
    public IReadOnlyList<ProductAttribute> Options { get; init; } = [];

    /// <summary>Its fact sheet.</summary>
    public IReadOnlyList<ProductAttribute> Facts { get; init; } = [];

    /// <summary>GS1 number, or null.</summary>
    public string? Gtin { get; init; }

    /// <summary>The shop's price.</summary>
    public required decimal Price { get; init; }

    /// <summary>The shop's former price, or null.</summary>
    public decimal? CompareAt { get; init; }

    /// <summary>Units that can be sold; null when the row does not say.</summary>
    public int? Quantity { get; init; }

    /// <summary>It can be had; null when the row does not say.</summary>
    public bool? InStock { get; init; }

    /// <summary>Addresses of its pictures, its own first.</summary>
    public IReadOnlyList<string> Pictures { get; init; } = [];

    internal string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Default);

    internal static FeedItem FromJson(string json) => JsonSerializer.Deserialize<FeedItem>(json, JsonSerializerOptions.Default)!;
}
