using System.Text;
using Retail.Core.Common;
using Retail.Core.Metrics;

namespace Retail.Core.Catalog;

/// <summary>A shelf as pages show it.</summary>
/// <param name="Index">Place in the snapshot's list of categories.</param>
/// <param name="Id">Key.</param>
/// <param name="Slug">Name in the address bar.</param>
/// <param name="Name">What people read.</param>
/// <param name="Description">One line.</param>
public sealed record CategoryCard(int Index, Guid Id, string Slug, string Name, string Description);

/// <summary>A picture as pages show it.</summary>
/// <param name="Id">Key.</param>
/// <param name="Path">Its address, to be cached for ever.</param>
/// <param name="Alt">What it shows.</param>
public sealed record PictureCard(Guid Id, string Path, string Alt);

/// <summary>A variant as pages show it. Its stock changes in place; all else is replaced with its product.</summary>
public sealed class VariantCard
{
    private int _available;

    /// <summary>Key.</summary>
    public required Guid Id { get; init; }

    /// <summary>Stock keeping unit.</summary>
    public required string Sku { get; init; }

    /// <summary>GS1 number, or null.</summary>
    public string? Gtin { get; init; }

    /// <summary>Values of the product's options.</summary>
    public required IReadOnlyList<string> Options { get; init; }

    /// <summary>Price of a unit in the store's currency.</summary>
    public required decimal Price { get; init; }

    /// <summary>Former price, or null.</summary>
    public decimal? CompareAt { get; init; }

    /// <summary>The picture that shows it, or null.</summary>
    public Guid? PictureId { get; init; }

    /// <summary>Units that can be sold.</summary>
    public int Available { get => Volatile.Read(ref _available); init => _available = value; }

    /// <summary>The flash sale that runs or comes next, or null.</summary>
    public FlashOffer? Flash { get; init; }

    /// <summary>The sale whose price counts now: it runs and has units left.</summary>
    public FlashOffer? RunningFlash => Flash is { IsRunning: true, Left: > 0 } ? Flash : null;

    /// <summary>What a unit costs now.</summary>
    public decimal PriceNow => RunningFlash?.Price ?? Price;

    /// <summary>The price to strike out beside <see cref="PriceNow"/>, or null.</summary>
    public decimal? Was => RunningFlash is null ? CompareAt : Price;

    /// <summary>Sets the stock; true when what pages show of it changed.</summary>
    internal bool SetAvailable(int units) => StockStep.Of(Interlocked.Exchange(ref _available, units)) != StockStep.Of(units);
}

/// <summary>Pages show stock in steps, so that a page changes when the step does and not at every sale.</summary>
public static class StockStep
{
    /// <summary>Up to so many units are told: "only 5 left". The trigger in the database knows the same number.</summary>
    public const int Few = 5;

    /// <summary>0 for sold out, 1 to <see cref="Few"/> for that many left, one more for in stock.</summary>
    public static int Of(int available) => Math.Clamp(available, 0, Few + 1);
}

/// <summary>A product as lists and pages show it, with its variants.</summary>
public sealed class ProductCard
{
    private long _version;

    /// <summary>Key.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name in the address bar.</summary>
    public required string Slug { get; init; }

    /// <summary>What people read.</summary>
    public required string Name { get; init; }

    /// <summary>Maker, or empty.</summary>
    public required string Brand { get; init; }

    /// <summary>The shelf.</summary>
    public required CategoryCard Category { get; init; }

    /// <summary>Names of the options.</summary>
    public required IReadOnlyList<string> OptionNames { get; init; }

    /// <summary>Fact sheet.</summary>
    public required IReadOnlyList<ProductAttribute> Attributes { get; init; }

    /// <summary>Gallery; may be empty.</summary>
    public required IReadOnlyList<PictureCard> Pictures { get; init; }

    /// <summary>What is sold, at least one.</summary>
    public required IReadOnlyList<VariantCard> Variants { get; init; }

    /// <summary>Shown on the home page.</summary>
    public bool Featured { get; init; }

    /// <summary>Mean of the reviews; 0 when there are none.</summary>
    public decimal Rating { get; init; }

    /// <summary>Number of reviews.</summary>
    public int RatingCount { get; init; }

    /// <summary>When it went on sale.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>Its last change by an admin, an import or a feed; sales are none.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The drill that it was made for; null for goods.</summary>
    public Guid? DrillId { get; init; }

    /// <summary>Whoever asks may see it: it is goods, or it was made for the drill on whose behalf is asked.</summary>
    public bool IsSeen => DrillId is null || DrillId == DrillScope.Current;

    /// <summary>Lowest price of its variants.</summary>
    public required decimal PriceFrom { get; init; }

    /// <summary>Its variants have several prices.</summary>
    public bool HasPriceRange { get; init; }

    /// <summary>Former price of the cheapest variant, or null.</summary>
    public decimal? CompareAt { get; init; }

    /// <summary>UTF-8, because a hundred thousand descriptions as strings take twice the room.</summary>
    public required byte[] DescriptionUtf8 { get; init; }

    /// <summary>A variant that can be bought at its flash price now, or null.</summary>
    public VariantCard? InFlashSale => Variants.FirstOrDefault(v => v.RunningFlash is not null && v.Available > 0);

    /// <summary>When the next sale of a variant begins or ends: then the product is read again. Null: no sale is known.</summary>
    internal DateTimeOffset? NextFlashChange => Variants.Min(v => v.Flash is { } flash ? flash.IsRunning ? flash.EndsAt : flash.StartsAt : (DateTimeOffset?)null);

    /// <summary>Place of the brand in the snapshot's list of brands.</summary>
    internal int BrandIndex { get; set; }

    /// <summary>The description is sanitised HTML.</summary>
    public bool DescriptionIsHtml { get; init; }

    /// <summary>Plain text; line breaks make paragraphs.</summary>
    public string Description => Encoding.UTF8.GetString(DescriptionUtf8) is var text && DescriptionIsHtml ? HtmlText.ToPlain(text) : text;

    /// <summary>HTML that may be shown as it is, since it was sanitised; null when the description is plain text.</summary>
    public string? DescriptionHtml => DescriptionIsHtml ? Encoding.UTF8.GetString(DescriptionUtf8) : null;

    /// <summary>Rises whenever anything that its page shows changed.</summary>
    public long Version { get => Volatile.Read(ref _version); internal set => Volatile.Write(ref _version, value); }

    /// <summary>Units of all variants that can be sold.</summary>
    public int Available
    {
        get
        {
            var sum = 0;
            foreach (var variant in Variants) sum += variant.Available;
            return sum;
        }
    }

    /// <summary>One of its variants, or null.</summary>
    public VariantCard? FindVariant(Guid id) => Variants.FirstOrDefault(v => v.Id == id);
}
