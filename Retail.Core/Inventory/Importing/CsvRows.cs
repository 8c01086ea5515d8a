using Retail.Core.Catalog;
using Retail.Core.Common.Files;

namespace Retail.Core.Inventory.Importing;

/// <summary>Rows of a CSV file with a header row, each with the line on which it begins.</summary>
internal static class CsvRows
{
    public static async Task<IReadOnlyList<ImportRow>> ReadAsync(Stream file, CancellationToken ct)
    {
        string[]? header = null;
        var rows = new List<ImportRow>();
        // The separator is found out from the file.
        await foreach (var record in CsvRecords.ReadAsync(file, null, null, ct))
        {
            if (header is null)
            {
                header = [.. record.Values.Select(ImportFile.Plain)];
                if (!header.Contains("name")) break;
                continue;
            }
            var problem = record.Problem ?? (record.Values.Length == header.Length ? null : $"{record.Values.Length} values where the header has {header.Length} columns");
            if (problem is not null) rows.Add(ImportRow.Broken((int)record.Line, problem));
            else if (!record.Values.All(string.IsNullOrWhiteSpace)) rows.Add(RowOf((int)record.Line, header, record.Values));
        }
        return header?.Contains("name") is true ? rows : [ImportRow.Broken(1, "it is neither a JSON array nor CSV with a column \"name\" in its first row")];
    }

    private static ImportRow RowOf(int line, string[] header, string[] values)
    {
        var fields = new Dictionary<string, string>();
        for (var i = 0; i < header.Length; i++)
            if (values[i].Trim() is { Length: > 0 } value) fields[header[i]] = value;
        return new(line, fields, fields.Remove("attributes", out var attributes) ? AttributesOf(attributes) : null);
    }

    // "Material: oak; Height: 20 cm"
    private static List<ProductAttribute> AttributesOf(string text) =>
        [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split(':', 2, StringSplitOptions.TrimEntries)).Select(part => new ProductAttribute(part[0], part.Length == 2 ? part[1] : ""))];
}
