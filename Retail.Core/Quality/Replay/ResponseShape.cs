using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;

namespace Retail.Core.Quality.Replay;

/// <summary>
/// What stays the same in an answer while its words change: of JSON the paths with their types ("items[].price:number"), of HTML the
/// landmarks and headings, of everything else nothing. One entry a line, sorted.
/// </summary>
public static class ResponseShape
{
    /// <summary>A longer shape is cut: it would say more than anybody compares.</summary>
    public const int Longest = 8000;

    private static readonly string[] Landmarks = ["title", "header", "nav", "main", "h1", "footer"];

    /// <summary>The shape of a body.</summary>
    /// <param name="contentType">Its media type, without parameters.</param>
    /// <param name="body">The body, not compressed.</param>
    public static string Of(string contentType, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        var shape = contentType.EndsWith("json", StringComparison.Ordinal) ? OfJson(body) : contentType == "text/html" ? OfHtml(body) : "";
        return shape.Length <= Longest ? shape : shape[..shape.LastIndexOf('\n', Longest)];
    }

    /// <summary>What one shape has and the other has not; empty when they fit. What stands below an empty list or a null can't be compared and fits.</summary>
    public static IReadOnlyList<string> Differences(string recorded, string replayed)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(replayed);
        var (before, after) = (Entries(recorded), Entries(replayed));
        return [.. Missing(before, after).Select(entry => $"without {entry}"), .. Missing(after, before).Select(entry => $"with {entry}")];
    }

    private static HashSet<string> Entries(string shape) => [.. shape.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private static IEnumerable<string> Missing(HashSet<string> from, HashSet<string> other)
    {
        var open = other.Where(IsOpen).Select(PathOf).ToList();
        return from.Where(entry => !other.Contains(entry) && !IsOpen(entry) && !open.Any(path => PathOf(entry).StartsWith(path, StringComparison.Ordinal))).Order();
    }

    // Nothing is known of what stands below it.
    private static bool IsOpen(string entry) => entry.EndsWith(":null", StringComparison.Ordinal) || entry.EndsWith(":empty", StringComparison.Ordinal);

    private static string PathOf(string entry) => entry[..entry.LastIndexOf(':')];

    private static string OfJson(ReadOnlySpan<byte> body)
    {
        var entries = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            Add(document.RootElement, "$", entries);
        }
        catch (JsonException)
        {
            return "not json:broken";
        }
        return string.Join('\n', entries);
    }

    private static void Add(JsonElement element, string path, SortedSet<string> entries)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                entries.Add($"{path}:object");
                foreach (var property in element.EnumerateObject()) Add(property.Value, $"{path}.{property.Name}", entries);
                break;
            case JsonValueKind.Array:
                if (element.GetArrayLength() == 0) entries.Add($"{path}[]:empty");
                foreach (var item in element.EnumerateArray()) Add(item, $"{path}[]", entries);
                break;
            case JsonValueKind.String: entries.Add($"{path}:string"); break;
            case JsonValueKind.Number: entries.Add($"{path}:number"); break;
            case JsonValueKind.True or JsonValueKind.False: entries.Add($"{path}:bool"); break;
            case JsonValueKind.Null: entries.Add($"{path}:null"); break;
            case JsonValueKind.Undefined: break;
            default: throw new ArgumentOutOfRangeException(nameof(element), element.ValueKind, "Not JSON.");
        }
    }

    private static string OfHtml(ReadOnlySpan<byte> body)
    {
        using var document = new HtmlParser().ParseDocument(Encoding.UTF8.GetString(body));
        return string.Join('\n', Landmarks.Where(name => document.QuerySelector(name) is not null).Select(name => $"{name}:there").Order(StringComparer.Ordinal));
    }
}
