using Retail.Core.Catalog;

namespace Retail.Core.Inventory.Importing;

/// <summary>A folder of pictures for an import: named in the row, or ID.webp, ID.jpg and so on.</summary>
/// <param name="folder">The folder; null when there is none.</param>
internal sealed class ImportPictures(string? folder)
{
    private static readonly string[] Extensions = [".webp", ".avif", ".jpg", ".jpeg", ".png"];

    /// <summary>The row's picture, or why there is none; neither when none is spoken of.</summary>
    public async Task<(PictureFile? File, string? Problem)> FindAsync(ImportRow row, string id, CancellationToken ct)
    {
        if (folder is null) return (null, null);
        // Only what lies in the folder itself: a row can't reach for other files.
        var named = row["image"] is { } image ? Path.GetFileName(image) : null;
        var path = named is not null ? Existing(named) : Extensions.Select(extension => Existing(id + extension)).FirstOrDefault(found => found is not null);
        if (path is null) return (null, named is null ? "no picture of its id in the folder" : $"no picture {named} in the folder");
        if (new FileInfo(path).Length > PictureContent.MaxBytes) return (null, $"the picture {Path.GetFileName(path)} is larger than {PictureContent.MaxBytes / 1024 / 1024} MB");
        var bytes = await File.ReadAllBytesAsync(path, ct);
        return PictureFormat.ContentTypeOf(bytes) is { } type ? (new(bytes, type), null) : (null, $"{Path.GetFileName(path)} is no WebP, AVIF, JPEG or PNG picture");
    }

    private string? Existing(string name) => Path.GetFileName(name) == name && Path.Combine(folder!, name) is var path && File.Exists(path) ? path : null;
}
