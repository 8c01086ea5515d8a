using System.Text.Json;
using Retail.Core.Catalog;

namespace Retail.Core.Inventory.Importing;

/// <summary>Rows of a JSON array, each with the line on which it begins.</summary>
internal static class JsonRows
{
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public static IReadOnlyList<ImportRow> Read(byte[] file)
    {
        var rows = new List<ImportRow>();
        var reader = new Utf8JsonReader(file, Lenient);
        var (line, counted) = (1, 0);
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartArray) return [ImportRow.Broken(1, "it holds no array of objects")];
            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                line += file.AsSpan(counted..(int)reader.TokenStartIndex).Count((byte)'\n');
                counted = (int)reader.TokenStartIndex;
                using var value = JsonDocument.ParseValue(ref reader);
                rows.Add(RowOf(line, value.RootElement));
            }
        }
        catch (JsonException e)
        {
            // What stands before the break is good; nothing after it can be understood.
            rows.Add(ImportRow.Broken((int)(e.LineNumber ?? 0) + 1, "not JSON from here on, so the rest of the file was not read"));
        }
        return rows;
    }

    private static ImportRow RowOf(int line, JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.Object) return ImportRow.Broken(line, "not an object");
        var fields = new Dictionary<string, string>();
        IReadOnlyList<ProductAttribute>? attributes = null;
        try
        {
            foreach (var property in value.EnumerateObject())
            {
                var name = ImportFile.Plain(property.Name);
                if (name == "attributes" && property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) attributes = AttributesOf(property.Value);
                else if (TextOf(property.Value) is { Length: > 0 } text) fields[name] = text;
            }
        }
        catch (InvalidOperationException)
        {
            return ImportRow.Broken(line, "half of a character (an unpaired surrogate) in its text");
        }
        return new(line, fields, attributes);
    }

    // { "Material": "oak" } or [ { "name": "Material", "value": "oak" } ]
    private static List<ProductAttribute> AttributesOf(JsonElement value) => value.ValueKind is JsonValueKind.Object
        ? [.. value.EnumerateObject().Select(a => new ProductAttribute(a.Name.Trim(), TextOf(a.Value))).Where(a => a.Value.Length > 0)]
        : [.. value.EnumerateArray().Where(a => a.ValueKind is JsonValueKind.Object).Select(a => new ProductAttribute(Of(a, "name"), Of(a, "value"))).Where(a => a.Value.Length > 0)];

    private static string Of(JsonElement attribute, string field) =>
        attribute.EnumerateObject().FirstOrDefault(p => p.Name.Equals(field, StringComparison.OrdinalIgnoreCase)) is { Value.ValueKind: not JsonValueKind.Undefined } found ? TextOf(found.Value) : "";

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!.Trim(),
        _ => value.GetRawText(),
    };
}
