using System.Runtime.CompilerServices;
using System.Text;
using Retail.Core.Common.Files;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Formats;

/// <summary>CSV and TSV with a header row: any separator, quoted line breaks, UTF-8 or Latin-1. Columns are named as in <see cref="FeedField"/>, in any order and case.</summary>
internal sealed class CsvFormat : IFeedFormat
{
    public string Key => "csv";

    public string Name => "CSV or TSV";

    public string Sample => "products.csv";

    public async IAsyncEnumerable<FeedRow> ReadAsync(FeedFile file, [EnumeratorCancellation] CancellationToken ct)
    {
        string[]? header = null;
        await foreach (var record in OpenAsync(file, ct))
        {
            if (header is null)
            {
                header = record.Values;
                var fields = header.Select(FeedField.Of).ToHashSet();
                if (record.Problem is not null || !fields.Contains(FeedField.Title) || !(fields.Contains(FeedField.Id) || fields.Contains(FeedField.Sku)))
                    throw new FeedUnreadableException(FeedCodes.MissingHeader, "The first row must name the columns, id and title among them. Add the header row.");
                continue;
            }
            if (record.Problem is null && record.Values.All(string.IsNullOrWhiteSpace)) continue;
            yield return RowOf(record, header);
        }
    }

    /// <summary>The records of a file, the header first, with its encoding and separator found out.</summary>
    internal static async IAsyncEnumerable<CsvRecord> OpenAsync(FeedFile file, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var stream = file.Open();
        var head = (file.Encoding ?? Encoding.UTF8).GetString(file.Head.Span);
        char? separator = file.IsUtf16 || head.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? null : CsvRecords.SeparatorOf(head.Split('\n', 2)[0]);
        CsvRecord? last = null;
        var columns = 0;
        await foreach (var record in CsvRecords.ReadAsync(stream, file.Encoding, separator, ct))
        {
            if (last is null) columns = record.Values.Length;
            else yield return last;
            last = record;
        }
        // A last row that is too short is the sign of a file that was cut off.
        if (last is not null) yield return last.Problem is null && last.Values.Length < columns && !last.Values.All(string.IsNullOrWhiteSpace)
            ? last with { Problem = "the file ends in the middle of this row, so what came after it is not known", IsLast = true } : last;
    }

    /// <summary>Why a record can't be read, as a row; null when it can.</summary>
    internal static FeedRow? BrokenRow(CsvRecord record, string[] header) =>
        record.Problem is { } problem ? FeedRow.Broken(record.Line, problem, record.IsLast)
        : record.Values.Length != header.Length ? FeedRow.Broken(record.Line, $"{record.Values.Length} values where the header has {header.Length} columns") : null;

    private static FeedRow RowOf(CsvRecord record, string[] header)
    {
        if (BrokenRow(record, header) is { } broken) return broken;
        var row = new FeedRow(record.Line);
        for (var i = 0; i < header.Length; i++) FeedField.Set(row, header[i], record.Values[i]);
        return row;
    }
}
