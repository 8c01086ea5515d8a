using System.Runtime.CompilerServices;
using System.Text.Json;
using Retail.Core.Common.Files;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Formats;

/// <summary>JSON: an array of objects, or an object a line. Properties are named as in <see cref="FeedField"/>, in any case.</summary>
internal sealed class JsonFormat : IFeedFormat
{
    public string Key => "json";

    public string Name => "JSON or JSON lines";

    public string Sample => "products.json";

    public async IAsyncEnumerable<FeedRow> ReadAsync(FeedFile file, [EnumeratorCancellation] CancellationToken ct)
    {
        file.MustBeUtf8();
        if (file.Head.Span.TrimStart(" \t\r\n"u8) is not [(byte)'[' or (byte)'{', ..])
            throw new FeedUnreadableException(FeedCodes.WrongFormat, "The file is not JSON: it must begin with [ or {.");
        await using var stream = file.Open();
        await foreach (var record in JsonRecords.ReadAsync(stream, ct))
            yield return record.Problem is { } problem ? FeedRow.Broken(record.Line, problem, record.IsLast) : RowOf(record);
    }

    private static FeedRow RowOf(JsonRecord record)
    {
        if (record.Value.ValueKind is not JsonValueKind.Object) return FeedRow.Broken(record.Line, "not an object");
        var row = new FeedRow(record.Line);
        try
        {
            foreach (var property in record.Value.EnumerateObject())
            {
                if (property.NameEquals("attributes") || property.NameEquals("Attributes")) row.Facts.AddRange(FactsOf(property.Value));
                else if (property.Value.ValueKind is JsonValueKind.Array && FeedField.Of(property.Name) is FeedField.MoreImages) row.Pictures.AddRange(property.Value.EnumerateArray().Select(TextOf));
                else FeedField.Set(row, property.Name, TextOf(property.Value));
            }
        }
        catch (InvalidOperationException)
        {
            return FeedRow.Broken(record.Line, "half of a character (an unpaired surrogate) in its text");
        }
        return row;
    }

    // { "Material": "oak" } or [ { "name": "Material", "value": "oak" } ]
    private static IEnumerable<(string, string)> FactsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Select(p => (p.Name, TextOf(p.Value))),
        JsonValueKind.Array => value.EnumerateArray().Where(a => a.ValueKind is JsonValueKind.Object)
            .Select(a => (a.TryGetProperty("name", out var name) ? TextOf(name) : "", a.TryGetProperty("value", out var text) ? TextOf(text) : "")),
        _ => [],
    };

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "",
    };
}
