using System.Collections.Concurrent;

namespace Retail.Core.Catalog;

/// <summary>
/// Lists and searches that were computed on a snapshot, each once however many ask at the same time. Bounded by the number of
/// products it refers to; when full it starts anew.
/// </summary>
internal sealed class ListMemo
{
    private const int MaxReferences = 2_000_000;
    private const int MaxEntries = 5_000;

    private readonly ConcurrentDictionary<string, Lazy<FilteredList>> _lists = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<SearchHits>>> _searches = new();
    private int _references;

    public FilteredList List(string key, Func<FilteredList> compute) => _lists.GetOrAdd(key, _ => new(() =>
    {
        var list = compute();
        MakeRoom(list.Products.Count);
        return list;
    })).Value;

    public async Task<SearchHits> SearchAsync(string text, Func<Task<SearchHits>> ask)
    {
        if (_searches.Count > MaxEntries) _searches.Clear();
        try
        {
            return await _searches.GetOrAdd(text, _ => new(ask)).Value;
        }
        catch
        {
            // A failure is not remembered.
            _searches.TryRemove(text, out _);
            throw;
        }
    }

    private void MakeRoom(int references)
    {
        if (Interlocked.Add(ref _references, references + 100) < MaxReferences && _lists.Count < MaxEntries) return;
        _lists.Clear();
        Interlocked.Exchange(ref _references, 0);
    }
}

/// <summary>All products of a list, in order, and the counts beside it.</summary>
internal sealed record FilteredList(IReadOnlyList<ProductCard> Products, int[] ByCategory, int[] ByBrand, int[] ByPrice);

/// <summary>What a search found, best first.</summary>
internal sealed record SearchHits(IReadOnlyList<Guid> Ids, bool Corrected, bool Capped);
