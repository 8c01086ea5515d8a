using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Retail.Core.Metrics.Export;

/// <summary>An instrument as Prometheus names and sums it.</summary>
internal sealed class PrometheusFamily
{
    private const int MostSeries = 500;
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Instrument _instrument;
    private readonly double[] _bounds;

    public PrometheusFamily(Instrument instrument)
    {
        _instrument = instrument;
        var kind = instrument.GetType().Name;
        Kind = kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter" : "gauge";
        IsLatest = kind.StartsWith("Gauge", StringComparison.Ordinal);
        Name = NameOf(instrument.Name, instrument.Unit, Kind);
        _bounds = Kind == "histogram" ? (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? Seconds : [];
    }

    public string Name { get; }

    private string Kind { get; }

    private bool IsLatest { get; }

    public void ForgetObserved()
    {
        if (!_instrument.IsObservable) return;
        lock (_series) _series.Clear();
    }

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var pairs = new (string, string)[tags.Length];
        for (var i = 0; i < tags.Length; i++) pairs[i] = (tags[i].Key, Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
        var labels = Labels(pairs);
        lock (_series)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                if (_series.Count >= MostSeries) return;
                _series[labels] = series = new(_bounds.Length + 1);
            }
            series.Sum = IsLatest ? value : series.Sum + value;
            if (_bounds.Length == 0) return;
            var at = Array.BinarySearch(_bounds, value);
            series.Buckets[at < 0 ? ~at : at]++;
        }
    }

    /// <summary>Writes instruments of one name as one family; what several report under the same labels is added up.</summary>
    public static void Write(StringBuilder text, IReadOnlyList<PrometheusFamily> same)
    {
        var (first, all) = (same[0], new SortedDictionary<string, Series>(StringComparer.Ordinal));
        foreach (var family in same)
            lock (family._series)
                foreach (var (labels, series) in family._series)
                    if (all.TryGetValue(labels, out var sum)) sum.Add(series);
                    else all[labels] = series.Copy();
        var help = first._instrument.Description is { Length: > 0 } description ? description.ReplaceLineEndings(" ") : first._instrument.Name;
        text.Append(CultureInfo.InvariantCulture, $"# HELP {first.Name} {help.Replace("\\", "\\\\", StringComparison.Ordinal)}\n# TYPE {first.Name} {first.Kind}\n");
        foreach (var (labels, series) in all)
        {
            var braced = labels.Length == 0 ? "" : $"{{{labels}}}";
            if (first.Kind != "histogram")
            {
                text.Append(CultureInfo.InvariantCulture, $"{first.Name}{braced} {series.Sum:R}\n");
                continue;
            }
            long below = 0;
            for (var i = 0; i < series.Buckets.Length; i++)
            {
                below += series.Buckets[i];
                var bound = i < first._bounds.Length ? first._bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{first.Name}_bucket{{{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"}} {below}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{first.Name}_sum{braced} {series.Sum:R}\n{first.Name}_count{braced} {below}\n");
        }
    }

    /// <summary>Labels as they stand between braces, in the order of their names.</summary>
    public static string Labels(IEnumerable<(string Name, string Value)> labels) => string.Join(',', labels
        .Select(l => (Name: l.Name.Replace('.', '_').Replace('-', '_'), l.Value)).OrderBy(l => l.Name, StringComparer.Ordinal)
        .Select(l => $"{l.Name}=\"{l.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""));

    /// <summary>The name by Prometheus' rules: underscores, base unit, _total; never _count, which is a histogram's.</summary>
    internal static string NameOf(string instrument, string? unit, string kind)
    {
        var name = instrument.Replace('.', '_').Replace('-', '_');
        if (name.EndsWith("_count", StringComparison.Ordinal)) name = Plural(name[..^"_count".Length]);
        var suffix = unit switch { "s" => "_seconds", "By" => "_bytes", "1" => "_ratio", _ => "" };
        if (!name.EndsWith(suffix, StringComparison.Ordinal)) name += suffix;
        return kind == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static string Plural(string name) => name.EndsWith('y') ? name[..^1] + "ies" : name + "s";

    private sealed class Series(int buckets)
    {
        public double Sum { get; set; }

        public long[] Buckets { get; private init; } = new long[buckets];

        public void Add(Series other)
        {
            Sum += other.Sum;
            for (var i = 0; i < Buckets.Length; i++) Buckets[i] += other.Buckets[i];
        }

        public Series Copy() => new(0) { Sum = Sum, Buckets = (long[])Buckets.Clone() };
    }
}
