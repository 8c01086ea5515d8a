using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Retail.Core.Metrics.Export;

/// <summary>
/// All that this process measures, in Prometheus' text format: what the store records, and the meters of the runtime, the web server and
/// the database driver. It listens from the start of the host, and answers whoever may ask; the web serves it at /metrics.
/// </summary>
public sealed class PrometheusText : IHostedService, IDisposable
{
    /// <summary>The content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] Meters = ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql"];

    private readonly MetricExport _export;
    private readonly bool _isOn;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<Instrument, PrometheusFamily> _families = [];
    private readonly Lock _lock = new();

    /// <summary>Not listening yet.</summary>
    public PrometheusText(MetricExport export, IOptions<MetricsOptions> options)
    {
        ArgumentNullException.ThrowIfNull(export);
        ArgumentNullException.ThrowIfNull(options);
        (_export, _isOn) = (export, options.Value.Enabled);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Ours by reference: a process may hold several hosts.
            if (!Meters.Contains(instrument.Meter.Name) && instrument.Meter != export.Meter) return;
            var family = new PrometheusFamily(instrument);
            lock (_lock) _families.TryAdd(instrument, family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        Hear<double>(v => v);
        Hear<float>(v => v);
        Hear<long>(v => v);
        Hear<int>(v => v);
        Hear<short>(v => v);
        Hear<byte>(v => v);
        Hear<decimal>(v => (double)v);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_isOn) _listener.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Everything as it stands now.</summary>
    public string Write()
    {
        lock (_lock)
        {
            foreach (var family in _families.Values) family.ForgetObserved();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder(64 * 1024);
            // Several pools or hosts have the same instruments: one family each name.
            foreach (var same in _families.Values.GroupBy(f => f.Name).OrderBy(g => g.Key, StringComparer.Ordinal)) PrometheusFamily.Write(text, [.. same]);
            foreach (var family in _export.Families.Where(f => f.Rule.Kind is ExportKind.Histogram)) Write(text, family);
            return text.ToString();
        }
    }

    private void Hear<T>(Func<T, double> number) where T : struct =>
        _listener.SetMeasurementEventCallback<T>((_, value, tags, state) =>
        {
            // The pools of commands and of migrations come and go; their names are addresses.
            foreach (var tag in tags)
                if (tag.Key == "db.client.connection.pool.name" && tag.Value as string != Sampling.DatabaseMeter.PoolName) return;
            ((PrometheusFamily)state!).Add(number(value), tags);
        });

    private static void Write(StringBuilder text, MetricExport.Family family)
    {
        var name = family.Rule.Name.Replace('.', '_') + "_seconds";
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Rule.Help}\n# TYPE {name} histogram\n");
        foreach (var series in family.Read())
        {
            var labels = PrometheusFamily.Labels(family.Rule.Labels.Select((l, i) => (l, series.Labels[i])));
            long below = 0;
            for (var i = 0; i < series.Buckets.Length; i++)
            {
                below += series.Buckets[i];
                // Each doubling from a quarter of a millisecond to a minute: enough for an alarm, and few enough for a scraper.
                if (i % 8 == 0 && i is >= 16 and < LatencyHistogram.Buckets - 1)
                    Bucket((LatencyHistogram.UpperBoundMs(i) / 1000).ToString("R", CultureInfo.InvariantCulture));
            }
            Bucket("+Inf");
            text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Braced(labels)} {series.TotalMs / 1000:R}\n{name}_count{Braced(labels)} {below}\n");

            void Bucket(string bound) => text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"}} {below}\n");
        }
    }

    private static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";
}
