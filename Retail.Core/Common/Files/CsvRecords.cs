using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;

namespace Retail.Core.Common.Files;

/// <summary>A record of a CSV file as it stands there.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Values">Its values, quotes taken off.</param>
/// <param name="Problem">Why its quoting can't be trusted; null when it can.</param>
/// <param name="IsLast">Nothing after it was read, because of the problem.</param>
internal sealed record CsvRecord(long Line, string[] Values, string? Problem = null, bool IsLast = false);

/// <summary>Reads CSV record by record, the header row as the first one; never holds more than one record.</summary>
internal static class CsvRecords
{
    /// <summary>The largest record, in bytes.</summary>
    public const int MaxRecordBytes = 1024 * 1024;

    private const string FrequentSeparators = ",;\t|";
    private const string NeverSeparators = "_-. \"'():/";

    /// <summary>All records of a stream that is read once, from its start to its end.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="encoding">Null for UTF-8; a byte order mark counts more.</param>
    /// <param name="separator">Null: found out from the file.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async IAsyncEnumerable<CsvRecord> ReadAsync(Stream stream, Encoding? encoding, char? separator, [EnumeratorCancellation] CancellationToken ct)
    {
        CsvMalformedReason? malformed = null;
        await using var reader = CsvReader.Create(stream, new CsvReaderOptions
        {
            HasHeader = false,
            Separator = separator,
            Encoding = encoding,
            TrackLineNumbers = true,
            MaxRecordSize = MaxRecordBytes,
            OnMalformedRecord = record => malformed = record.Reason is CsvMalformedReason.StrayQuote ? malformed : record.Reason,
        });
        while (true)
        {
            CsvRecord record;
            try
            {
                if (!await reader.ReadAsync(ct)) yield break;
                record = RecordOf(reader, malformed);
            }
            catch (CsvFormatException e)
            {
                record = new(e.LineNumber, [], $"a row of more than {MaxRecordBytes / 1024 / 1024} MB, or a quotation mark that is never closed: the rest of the file was not read", IsLast: true);
            }
            yield return record;
            if (record.IsLast) yield break;
            malformed = null;
        }
    }

    /// <summary>The separator of a header row: one of , ; tab | where there is any, otherwise the punctuation that it has most of.</summary>
    public static char SeparatorOf(string header)
    {
        var (counts, quoted) = (new Dictionary<char, int>(), false);
        foreach (var c in header)
        {
            if (c == '"') quoted = !quoted;
            else if (!quoted && (c == '\t' || (c is > ' ' and < '\u007f' && !char.IsAsciiLetterOrDigit(c) && !NeverSeparators.Contains(c, StringComparison.Ordinal)))) counts[c] = counts.GetValueOrDefault(c) + 1;
        }
        return counts.Count == 0 ? ',' : counts.OrderByDescending(c => FrequentSeparators.Contains(c.Key, StringComparison.Ordinal)).ThenByDescending(c => c.Value).First().Key;
    }

    private static CsvRecord RecordOf(CsvReader reader, CsvMalformedReason? malformed)
    {
        var values = new string[reader.FieldCount];
        for (var i = 0; i < values.Length; i++) values[i] = reader.GetString(i);
        return malformed switch
        {
            // A lone quotation mark inside a value, as in 5" pipe, is text.
            CsvMalformedReason.UnterminatedQuote => new(reader.LineNumber, values, "a quotation mark that is never closed, so the rest of the file was not read", IsLast: true),
            CsvMalformedReason.TextAfterClosingQuote => new(reader.LineNumber, values, "text after a closing quotation mark"),
            _ => new(reader.LineNumber, values),
        };
    }
}
