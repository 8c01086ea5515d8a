using CsvHelper;
using Retail.Core.Catalog;

namespace Retail.Core.Inventory.Importing;

/// <summary>Rows of a CSV file with a header row, each with the line on which it begins.</summary>
internal static class CsvRows
{
    public static IReadOnlyList<ImportRow> Read(byte[] file)
    {
        string? malformed = null;
        // The separator is found out from the file.
        using var reader = CsvReader.Create(file, new CsvReaderOptions { TrackLineNumbers = true, OnMalformedRecord = record => malformed = ReasonOf(record.Reason) });
        var header = reader.Headers.Select(ImportFile.Plain).ToArray();
        if (!header.Contains("name")) return [ImportRow.Broken(1, "it is neither a JSON array nor CSV with a column \"name\" in its first row")];
        var rows = new List<ImportRow>();
        while (reader.Read())
        {
            var (line, values) = ((int)reader.LineNumber, reader.Current.ToArray());
            var problem = malformed ?? (values.Length == header.Length ? null : $"{values.Length} values where the header has {header.Length} columns");
            malformed = null;
            if (problem is not null) rows.Add(ImportRow.Broken(line, problem));
            else if (!values.All(string.IsNullOrWhiteSpace)) rows.Add(RowOf(line, header, values));
        }
        return rows;
    }

    // A lone quotation mark inside a value, as in 5" pipe, is text.
    private static string? ReasonOf(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.UnterminatedQuote => "a quotation mark that is never closed, so the rest of the file was not read",
        CsvMalformedReason.TextAfterClosingQuote => "text after a closing quotation mark",
        _ => null,
    };

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
