using System.Security.Cryptography;

namespace Retail.Core.Catalog;

/// <summary>A picture in a product's gallery.</summary>
public sealed class ProductPicture
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>The product.</summary>
    public Guid ProductId { get; init; }

    /// <summary>Order in the gallery, lowest first.</summary>
    public int Position { get; set; }

    /// <summary>What the picture shows, for those who can't see it; at most 200 characters.</summary>
    public string Alt { get; set; } = "";

    /// <summary>Which content it shows: <see cref="PictureContent.Hash"/>.</summary>
    public required string Hash { get; init; }
}

/// <summary>The bytes of a picture, stored once however often it is used. In the database, so that every node has it.</summary>
public sealed class PictureContent
{
    /// <summary>The largest picture, in bytes.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    /// <summary>SHA-256 of the bytes, the first 32 hex digits: its name in the address, so it can be cached for ever.</summary>
    public required string Hash { get; init; }

    /// <summary>The name of these bytes.</summary>
    public static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];

    /// <summary>image/webp, image/jpeg, image/png, image/avif or image/svg+xml.</summary>
    public required string ContentType { get; init; }

    /// <summary>The file as it came.</summary>
    public required byte[] Bytes { get; init; }
}
