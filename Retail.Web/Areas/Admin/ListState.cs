using System.Globalization;
using System.Text.Encodings.Web;

namespace Retail.Web.Areas.Admin;

/// <summary>
/// What a list page shows: search words, filters, sort and page, all held by the address bar. A list page makes one of the request,
/// asks its query class with it, and hands it to the partials _ListTools, _SortHead and _ListFoot.
/// </summary>
public sealed class ListState
{
    private const int LongestValue = 100;
    private readonly SortedDictionary<string, string> _query = new(StringComparer.Ordinal);

    /// <param name="path">The list's own address.</param>
    /// <param name="request">Whose query string is read; empty and endless values are dropped.</param>
    /// <param name="defaultSort">A column, with a minus before it for descending.</param>
    public ListState(string path, HttpRequest request, string defaultSort)
    {
        Path = path;
        DefaultSort = defaultSort;
        foreach (var (name, value) in request.Query)
            if (value.ToString().Trim() is { Length: > 0 and <= LongestValue } text && name != "handler") _query[name] = text;
    }

    public string Path { get; }

    public string Search => this["q"];

    public int Page => int.TryParse(this["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page > 0 ? page : 1;

    /// <summary>The column that the list is sorted by.</summary>
    public string SortColumn => Sort.TrimStart('-');

    public bool Descending => Sort.StartsWith('-');

    /// <summary>The address of what is shown now, for forms that come back to it.</summary>
    public string Here => Href();

    private string DefaultSort { get; }

    private string Sort => this["sort"] is { Length: > 0 } sort ? sort : DefaultSort;

    /// <summary>A parameter of the address; empty when it is not there.</summary>
    public string this[string name] => _query.GetValueOrDefault(name, "");

    /// <summary>A parameter as a member of an enum, in any case; null when it is none.</summary>
    public T? Choice<T>(string name) where T : struct, Enum => Member<T>(this[name]);

    /// <summary>The sort as a member of an enum; the default's when the address names none that is known.</summary>
    public T SortBy<T>() where T : struct, Enum => Member<T>(SortColumn) ?? Member<T>(DefaultSort.TrimStart('-'))!.Value;

    /// <summary>The list's address with some parameters changed; null or empty drops one.</summary>
    public string Href(params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var query = new SortedDictionary<string, string>(_query, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
            if (string.IsNullOrEmpty(value)) query.Remove(name);
            else query[name] = value;
        return query.Count == 0 ? Path : $"{Path}?{string.Join('&', query.Select(p => $"{UrlEncoder.Default.Encode(p.Key)}={UrlEncoder.Default.Encode(p.Value)}"))}";
    }

    /// <summary>The address of a page.</summary>
    public string PageHref(int page) => Href(("page", page == 1 ? null : page.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A column's head: following its link sorts by it, and once more turns the order round.</summary>
    public SortHead Head(string column, string text, string css = "")
    {
        var isSorted = SortColumn == column;
        var next = isSorted && !Descending ? "-" + column : column;
        return new(text, Href(("sort", next == DefaultSort ? null : next), ("page", null)), css, !isSorted ? null : Descending ? "descending" : "ascending");
    }

    private static T? Member<T>(string text) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }
}

/// <summary>A column's head; <paramref name="Sorted"/> is the value of aria-sort, or null.</summary>
public sealed record SortHead(string Text, string Href, string Css, string? Sorted);

/// <summary>What stands above a list: the search field and its filters.</summary>
public sealed record ListTools(ListState State, string Placeholder, params IReadOnlyList<ListFilter> Filters);

/// <summary>A filter of a list: a choice of <paramref name="Options"/>, or an input of <paramref name="Type"/> when there are none.</summary>
public sealed record ListFilter(string Name, string Label, IReadOnlyList<(string Value, string Text)> Options, string Type = "text");

/// <summary>What stands below a list.</summary>
public sealed record ListFoot(ListState State, int Page, int Pages, int Size, int Total);
