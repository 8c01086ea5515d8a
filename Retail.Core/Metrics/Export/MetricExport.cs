using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Retail.Core.Metrics.Export;

/// <summary>Keeps, of every row that this process records, what a scraper or a collector asks for: sums since the start, the latest,
/// histograms. So all readers have the same facts. Counters and gauges are instruments of a meter.</summary>
public sealed class MetricExport : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Retail";

    private readonly ILookup<string, Family> _byType;

    /// <summary>Makes the meter.</summary>
    public MetricExport()
    {
        Meter = new Meter(MeterName);
        Families = [.. Exported.All.Select(rule => new Family(rule))];
        _byType = Families.ToLookup(family => family.Rule.Type, StringComparer.Ordinal);
        foreach (var family in Families)
        {
            var (name, unit, help) = (family.Rule.Name, family.Rule.Unit, family.Rule.Help);
            if (family.Rule.Kind is ExportKind.Gauge) Meter.CreateObservableGauge(name, family.Measure, unit, help);
            else if (family.Rule.Kind is not ExportKind.Histogram) Meter.CreateObservableCounter(name, family.Measure, unit, help);
        }
    }

    /// <summary>The meter of this host.</summary>
    public Meter Meter { get; }

    internal IReadOnlyList<Family> Families { get; }

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    /// <summary>Takes a row in.</summary>
    internal void Observe(string type, double value, string metadata)
    {
        if (!_byType.Contains(type)) return;
        using var json = JsonDocument.Parse(metadata);
        if (json.RootElement.TryGetProperty("drill_id", out _)) return;
        foreach (var family in _byType[type]) family.Observe(value, json.RootElement);
    }

    /// <summary>One series for each set of labels.</summary>
    internal sealed class Family
    {
        private const int MostSeries = 1000;
        private readonly Dictionary<string, Cell> _cells = new(StringComparer.Ordinal);

        public Family(Exported rule)
        {
            Rule = rule;
            foreach (var known in rule.Known) CellOf([known]);
            if (rule.Labels.Length == 0 && (rule.FromZero || rule.Kind is not ExportKind.Gauge)) CellOf([]);
        }

        public Exported Rule { get; }

        public void Observe(double value, JsonElement metadata)
        {
            if (Rule.Field is { } field) value = metadata.TryGetProperty(field, out var number) && number.ValueKind is JsonValueKind.Number ? number.GetDouble() : double.NaN;
            if (double.IsNaN(value)) return;
            lock (_cells)
            {
                if (CellOf([.. Rule.Labels.Select(l => metadata.TryGetProperty(l, out var text) ? text.ToString() : "")]) is not { } cell) return;
                switch (Rule.Kind)
                {
                    case ExportKind.Counter: cell.Value += value * Rule.Scale; break;
                    case ExportKind.RowCounter: cell.Value++; break;
                    case ExportKind.Gauge: cell.Value = value * Rule.Scale; break;
                    case ExportKind.Histogram: cell.Add(value * Rule.Scale, metadata); break;
                    default: throw new InvalidOperationException($"{Rule.Kind} is no kind.");
                }
            }
        }

        /// <summary>A copy of all series.</summary>
        public List<Series> Read()
        {
            lock (_cells) return [.. _cells.Values.Select(c => new Series(c.Labels, c.Value, c.TotalMs, (long[])c.Buckets.Clone()))];
        }

        public IEnumerable<Measurement<double>> Measure() =>
            Read().Select(s => new Measurement<double>(s.Value, Rule.Labels.Select((l, i) => KeyValuePair.Create(l, (object?)s.Labels[i]))));

        private Cell? CellOf(string[] labels)
        {
            var key = string.Join('\u001f', labels);
            if (_cells.TryGetValue(key, out var cell)) return cell;
            return _cells.Count >= MostSeries ? null : _cells[key] = new(labels, Rule.Kind is ExportKind.Histogram);
        }
    }

    /// <summary>A series as it stands.</summary>
    internal sealed record Series(string[] Labels, double Value, double TotalMs, long[] Buckets);

    private sealed class Cell(string[] labels, bool histogram)
    {
        public string[] Labels { get; } = labels;

        public double Value { get; set; }

        public double TotalMs { get; private set; }

        public long[] Buckets { get; } = histogram ? new long[LatencyHistogram.Buckets] : [];

        // A row holds a histogram of many times, with their sum or their mean, or is one time itself.
        public void Add(double ms, JsonElement metadata)
        {
            if (!metadata.TryGetProperty("buckets", out var buckets))
            {
                Buckets[LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(ms))]++;
                TotalMs += ms;
                return;
            }
            long counted = 0;
            foreach (var bucket in buckets.EnumerateObject())
            {
                counted += bucket.Value.GetInt64();
                Buckets[int.Parse(bucket.Name, System.Globalization.CultureInfo.InvariantCulture)] += bucket.Value.GetInt64();
            }
            TotalMs += metadata.TryGetProperty("total_ms", out var total) ? total.GetDouble() : ms * counted;
        }
    }
}
