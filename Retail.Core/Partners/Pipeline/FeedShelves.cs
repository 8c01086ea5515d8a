using Retail.Core.Common;

namespace Retail.Core.Partners.Pipeline;

/// <summary>Finds the shelf of a partner's category: as mapped, or else one of the same name, or else the partner's shelf for all others. Counts what it was asked for.</summary>
/// <param name="mapped">Categories of the partner that are mapped.</param>
/// <param name="shelves">The shop's shelves by slug.</param>
/// <param name="others">The shelf for all others; null for none.</param>
internal sealed class FeedShelves(IReadOnlyDictionary<string, Guid> mapped, IReadOnlyDictionary<string, Guid> shelves, Guid? others)
{
    // A hostile file may name a new category in each row: no more than these are kept.
    private const int MostKept = 2_000;

    private readonly Dictionary<string, (Guid? Shelf, int Rows)> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The categories that rows named, with the number of rows.</summary>
    public IEnumerable<(string Source, int Rows)> Asked => _asked.Select(a => (a.Key, a.Value.Rows));

    public Guid? Find(string category)
    {
        if (category.Length is 0 or > 200) return others;
        if (_asked.TryGetValue(category, out var known))
        {
            _asked[category] = (known.Shelf, known.Rows + 1);
            return known.Shelf;
        }
        // "Home > Garden > Cans": the last part is the nearest.
        var last = category.Split('>', StringSplitOptions.TrimEntries)[^1];
        var shelf = mapped.TryGetValue(category, out var own) ? own : shelves.TryGetValue(Slug.Of(last), out var same) ? same : others;
        if (_asked.Count < MostKept) _asked.Add(category, (shelf, 1));
        return shelf;
    }
}
