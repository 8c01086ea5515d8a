using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Retail.Core.Common.Logs;

namespace Retail.Core.Metrics.Sampling;

/// <summary>Listens to the driver's own meter: each statement counts for the request that sent it, and the pool tells how busy it is.</summary>
public sealed class DatabaseMeter : IDisposable
{
    /// <summary>The name of the store's pool among those of the process.</summary>
    public const string PoolName = "retail";

    private readonly MeterListener _listener = new();
    private int _busy, _idle, _max;

    /// <summary>Begins to listen.</summary>
    public DatabaseMeter(IOptions<MetricsOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Npgsql" && instrument.Name is "db.client.operation.duration" or "db.client.connection.count" or "db.client.connection.max")
                listener.EnableMeasurementEvents(instrument);
        };
        // The driver measures where the statement ends, in the flow of whoever sent it.
        _listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => RequestScope.CountQuery());
        _listener.SetMeasurementEventCallback<int>(ReadPool);
        if (options.Value.Enabled) _listener.Start();
    }

    /// <summary>Connections of the store's pool at this moment: busy, idle, and how many there may be.</summary>
    public (int Busy, int Idle, int Max) Pool()
    {
        lock (_listener)
        {
            (_busy, _idle, _max) = (0, 0, 0);
            _listener.RecordObservableInstruments();
            return (_busy, _idle, _max);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void ReadPool(Instrument instrument, int value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var (ours, isUsed) = (false, false);
        foreach (var tag in tags)
        {
            if (tag.Key.EndsWith("pool.name", StringComparison.Ordinal)) ours = tag.Value as string == PoolName;
            if (tag.Key.EndsWith("state", StringComparison.Ordinal)) isUsed = tag.Value as string == "used";
        }
        if (!ours) return;
        if (instrument.Name == "db.client.connection.max") _max = value;
        else if (isUsed) _busy += value;
        else _idle += value;
    }
}
