namespace Retail.Core.Catalog;

/// <summary>Tells what a picture is by its first bytes; a name can say anything.</summary>
public static class PictureFormat
{
    /// <summary>The image type of WebP, JPEG, PNG and AVIF files; null for everything else. SVG is not taken from others: it can hold scripts.</summary>
    public static string? ContentTypeOf(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', (byte)'f' or (byte)'s', ..] => "image/avif",
        _ => null,
    };
}
