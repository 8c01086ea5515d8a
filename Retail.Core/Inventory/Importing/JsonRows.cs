using System.Text.Json;
using Retail.Core.Catalog;
using Retail.Core.Common.Files;

namespace Retail.Core.Inventory.Importing;

/// <summary>Rows of a JSON array, each with the line on which it begins.</summary>
internal static class JsonRows
{
    public static async Task<IReadOnlyList<ImportRow>> ReadAsync(Stream file, CancellationToken ct)
    {
        var rows = new List<ImportRow>();
        // What stands before a break is good; nothing after it can be understood.
        await foreach (var record in JsonRecords.ReadAsync(file, ct))
            rows.Add(record.Problem is { } problem ? ImportRow.Broken((int)record.Line, problem) : RowOf((int)record.Line, record.Value));
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
