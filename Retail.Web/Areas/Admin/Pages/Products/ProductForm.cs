using System.Globalization;
using Retail.Core.Catalog;
using Retail.Core.Inventory;

namespace Retail.Web.Areas.Admin.Pages.Products;

/// <summary>A product as the form holds it: what was typed, as it was typed, so that nothing is lost when it is shown again.</summary>
public sealed class ProductForm
{
    public uint? Version { get; set; }

    public string? Name { get; set; }

    public string? Slug { get; set; }

    public string? Brand { get; set; }

    public Guid? CategoryId { get; set; }

    public string? Description { get; set; }

    /// <summary>One fact a line, as "name: value".</summary>
    public string? Attributes { get; set; }

    /// <summary>Names of the options, separated by commas.</summary>
    public string? OptionNames { get; set; }

    public ProductStatus Status { get; set; }

    public bool Featured { get; set; }

    public List<VariantForm> Variants { get; set; } = [];

    public List<PictureForm> Pictures { get; set; } = [];

    public IReadOnlyList<string> Options => [.. (OptionNames ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    public static ProductForm New() => new() { Variants = { new() } };

    public static ProductForm Of(ProductForEdit product)
    {
        var pictures = product.Pictures.Select(p => p.Id).ToList();
        return new()
        {
            Version = product.Version,
            Name = product.Name,
            Slug = product.Slug,
            Brand = product.Brand,
            CategoryId = product.CategoryId,
            Description = product.Description,
            Attributes = string.Join('\n', product.Attributes.Select(a => $"{a.Name}: {a.Value}")),
            OptionNames = string.Join(", ", product.OptionNames),
            Status = product.Status,
            Featured = product.Featured,
            Pictures = [.. product.Pictures.Select((p, i) => new PictureForm { Id = p.Id, Hash = p.Hash, ContentType = p.ContentType, Alt = p.Alt, Place = Text(i + 1) })],
            Variants = [.. product.Variants.Select(v => new VariantForm
            {
                Id = v.Id,
                Sku = v.Sku,
                Gtin = v.Gtin,
                Options = [.. v.Options],
                Price = v.Price.ToString("0.00", CultureInfo.InvariantCulture),
                CompareAt = v.CompareAt?.ToString("0.00", CultureInfo.InvariantCulture),
                Stock = Text(v.OnHand),
                StockShown = v.OnHand,
                Picture = v.PictureId is { } picture && pictures.IndexOf(picture) is >= 0 and var at ? Text(at) : null,
            })],
        };
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

public sealed class VariantForm
{
    public Guid? Id { get; set; }

    public string? Sku { get; set; }

    public string? Gtin { get; set; }

    public List<string?> Options { get; set; } = [];

    public string? Price { get; set; }

    public string? CompareAt { get; set; }

    public string? Stock { get; set; }

    /// <summary>The stock when the form was first shown: only the difference is booked.</summary>
    public int? StockShown { get; set; }

    /// <summary>Row of the picture that shows it; empty for the first.</summary>
    public string? Picture { get; set; }

    public bool Remove { get; set; }

    /// <summary>A row that was added and never filled in.</summary>
    public bool IsBlank => Id is null && string.IsNullOrWhiteSpace(string.Concat(Options.Append(Sku).Append(Gtin).Append(Price).Append(CompareAt).Append(Stock)));
}

public sealed class PictureForm
{
    public Guid? Id { get; set; }

    public string? Hash { get; set; }

    public string? ContentType { get; set; }

    public string? Alt { get; set; }

    public string? Place { get; set; }

    public bool Remove { get; set; }

    public string Path => PicturePath.Of(Hash ?? "", ContentType ?? "");
}
