using System.Text;
using System.Text.Unicode;
using Retail.Core.Catalog;
using Retail.Core.Data;

namespace Retail.Core.Inventory.Importing;

/// <summary>One product as it stands in a file: nothing of it is checked yet.</summary>
/// <param name="Line">Where it begins in the file, from 1.</param>
/// <param name="Fields">Values by plain name (see <see cref="ImportFile.Plain"/>); empty ones are left out.</param>
/// <param name="Attributes">Its fact sheet; null when the file does not speak of one.</param>
/// <param name="Problem">Why nothing can be made of it; null when something can.</param>
public sealed record ImportRow(int Line, IReadOnlyDictionary<string, string> Fields, IReadOnlyList<ProductAttribute>? Attributes, string? Problem = null)
{
    /// <summary>The value of a field, trimmed, or null.</summary>
    public string? this[string field] => Fields.GetValueOrDefault(field);

    internal static ImportRow Broken(int line, string problem) => new(line, new Dictionary<string, string>(), null, problem);
}

/// <summary>Reads files of products: JSON (an array of objects) and CSV (a header row; comma, semicolon or tab).</summary>
public static class ImportFile
{
    private const int MaxBytes = 500_000_000;

    private static readonly Dictionary<string, string> OtherNames = new() { ["category"] = "type", ["picture"] = "image" };

    /// <summary>All rows, in the file's order.</summary>
    /// <exception cref="StartupException">The file can't be read at all.</exception>
    public static async Task<IReadOnlyList<ImportRow>> ReadAsync(string path, CancellationToken ct)
    {
        var bytes = await BytesAsync(path, ct);
        if (bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        if (!Utf8.IsValid(bytes)) throw new StartupException($"The file {path} is not text in UTF-8: save it so, and import it again.");
        var first = bytes.AsSpan().TrimStart(" \t\r\n"u8) is [var b, ..] ? (char)b : ' ';
        using var file = new MemoryStream(bytes, writable: false);
        var rows = first == '{' ? [ImportRow.Broken(1, "it holds no array of objects")] : first == '[' ? await JsonRows.ReadAsync(file, ct) : await CsvRows.ReadAsync(file, ct);
        return rows is [{ Problem: { } problem }] ? throw new StartupException($"The file {path} can't be read: line {rows[0].Line}: {problem}.") : rows;
    }

    /// <summary>A field's name as rows have it: compareAtPrice, compare_at_price and "Compare at price" are one.</summary>
    public static string Plain(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return OtherNames.GetValueOrDefault(plain, plain);
    }

    private static async Task<byte[]> BytesAsync(string path, CancellationToken ct)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes }) throw new StartupException($"The file {path} is larger than {MaxBytes / 1_000_000} MB: import it in parts.");
            return await File.ReadAllBytesAsync(path, ct);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartupException($"There is no file {path}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The file {path} can't be read: {e.Message}", e);
        }
    }
}
