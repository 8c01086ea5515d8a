using System.Text.Json;
using Retail.Core.Catalog;

namespace Retail.Core.Inventory.Seeding;

/// <summary>The store's own ten products, as catalog.json and the pictures beside it have them.</summary>
internal sealed record SeedCatalog(IReadOnlyList<SeedCategory> Categories, IReadOnlyList<SeedProduct> Products)
{
    private static readonly Lazy<SeedCatalog> OfFile = new(() =>
    {
        using var file = Open("catalog.json");
        return JsonSerializer.Deserialize<SeedCatalog>(file, JsonSerializerOptions.Web)!;
    });

    public static SeedCatalog Read() => OfFile.Value;

    /// <summary>The content of one of its pictures.</summary>
    public static PictureContent Picture(string file)
    {
        using var from = Open($"pictures.{file}");
        using var bytes = new MemoryStream();
        from.CopyTo(bytes);
        return new() { Hash = PictureContent.HashOf(bytes.ToArray()), ContentType = "image/svg+xml", Bytes = bytes.ToArray() };
    }

    /// <summary>Opens a file that lies in this folder and is built into the program.</summary>
    public static Stream Open(string name) =>
        typeof(SeedCatalog).Assembly.GetManifestResourceStream($"{typeof(SeedCatalog).Namespace}.{name}")
        ?? throw new InvalidOperationException($"{name} was not built into the program.");
}

internal sealed record SeedCategory(string Name, string Slug, string Description);

internal sealed record SeedProduct(
    string Slug, string Name, string Brand, string Category, string Description, bool Featured, Dictionary<string, string> Attributes,
    string[] Options, SeedPicture[] Pictures, SeedVariant[] Variants)
{
    /// <summary>The product as rows; its pictures' contents are stored already.</summary>
    public NewProduct ToRows(Guid categoryId, IReadOnlyDictionary<string, string> hashes, DateTimeOffset publishedAt)
    {
        var pictures = Pictures.ToDictionary(p => p.File, p => new NewPicture(Guid.CreateVersion7(publishedAt), hashes[p.File], p.Alt));
        return new()
        {
            Id = Guid.CreateVersion7(publishedAt),
            Slug = Slug,
            Name = Name,
            Brand = Brand,
            CategoryId = categoryId,
            Description = Description,
            Attributes = [.. Attributes.Select(a => new ProductAttribute(a.Key, a.Value))],
            OptionNames = Options,
            Featured = Featured,
            PublishedAt = publishedAt,
            Pictures = [.. Pictures.Select(p => pictures[p.File])],
            Variants = [.. Variants.Select(v => new NewVariant(
                Guid.CreateVersion7(publishedAt), v.Sku, v.Gtin, v.Options ?? [], v.Price, v.CompareAtPrice, v.Picture is null ? null : pictures[v.Picture].Id, v.Stock))],
        };
    }
}

internal sealed record SeedPicture(string File, string Alt);

internal sealed record SeedVariant(string Sku, string? Gtin, string[]? Options, decimal Price, decimal? CompareAtPrice, int Stock, string? Picture);
