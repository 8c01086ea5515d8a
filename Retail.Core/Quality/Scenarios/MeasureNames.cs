using System.Reflection;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios;

/// <summary>What a measure may name.</summary>
/// <param name="Metrics">The words of <see cref="MetricTypes"/>.</param>
/// <param name="Queries">Named queries with their units.</param>
public sealed record MeasureNames(IReadOnlySet<string> Metrics, IReadOnlyDictionary<string, string> Queries)
{
    /// <summary>All metrics of the program, with these queries.</summary>
    public static MeasureNames With(IEnumerable<NamedQuery> queries) => new(
        typeof(MetricTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToHashSet(),
        queries.ToDictionary(q => q.Name, q => q.Unit));

    /// <summary>What a person is told who names something that is not there.</summary>
    public string Unknown(string name)
    {
        if (Queries.ContainsKey(name)) return $"'{name}' is a query and takes no function: expected a metric";
        var near = Metrics.Concat(Queries.Keys).Select(known => (known, Distance: Distance(known, name))).OrderBy(n => n.Distance).ThenBy(n => n.known, StringComparer.Ordinal).First();
        return $"there is no metric or query '{name}'{(near.Distance <= Math.Max(2, name.Length / 3) ? $": did you mean {near.known}?" : ": expected one of those in docs/metrics.md, or a query of the catalogue's table")}";
    }

    // Levenshtein's.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
