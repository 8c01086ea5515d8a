using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Inventory;

/// <summary>
/// Takes in pictures that people upload: what they are is read from their bytes, never from a name. A picture is kept at once,
/// under its hash, so that a form that is refused or shown again has not lost it; a product gets it when it is saved.
/// </summary>
public sealed class PictureUploads(RetailDbContext db)
{
    /// <summary>Keeps a picture.</summary>
    /// <param name="name">The file's name, for the refusal.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="ct">Stops the work.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<KeptPicture>> KeepAsync(string name, byte[] bytes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length > PictureContent.MaxBytes)
            return new ServiceError(Refusal.Invalid, "picture_too_large", $"\u201c{name}\u201d is larger than {PictureContent.MaxBytes / 1024 / 1024} MB. Make it smaller and choose it again.");
        if (TypeOf(bytes) is not { } type)
            return new ServiceError(Refusal.Invalid, "not_a_picture", $"\u201c{name}\u201d is no JPEG, PNG, WebP or AVIF picture. Choose another file.");
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];
        await db.Database.ExecuteSqlAsync($"INSERT INTO picture_contents (hash, content_type, bytes) VALUES ({hash}, {type}, {bytes}) ON CONFLICT DO NOTHING", ct);
        return new KeptPicture(hash, type);
    }

    /// <summary>A kept picture's file, or null.</summary>
    public Task<PictureFile?> FindAsync(string hash, CancellationToken ct) =>
        db.PictureContents.Where(c => c.Hash == hash).Select(c => new PictureFile(c.Bytes, c.ContentType)).SingleOrDefaultAsync(ct);

    /// <summary>The type that a picture's first bytes say; null for anything else, SVG too, because a stranger's SVG can run scripts.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "image/jpeg";
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])) return "image/png";
        if (bytes.Length < 12) return null;
        if (bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8)) return "image/webp";
        return bytes[4..].StartsWith("ftypavif"u8) || bytes[4..].StartsWith("ftypavis"u8) ? "image/avif" : null;
    }
}

/// <summary>A picture that was kept.</summary>
/// <param name="Hash">Its name.</param>
/// <param name="ContentType">As <see cref="PictureContent.ContentType"/>.</param>
public sealed record KeptPicture(string Hash, string ContentType);
