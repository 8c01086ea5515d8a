using System.Data.Common;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Retail.Core.Metrics.Export;

namespace Retail.Core.Metrics;

/// <summary>The only writer of the metric table. Recording never waits and never fails for want of a database; rows go out each
/// second in one COPY, and the last ones when the host stops. A row may come twice when the connection dies at the commit.</summary>
public sealed class MetricRecorder(
    NpgsqlDataSource source, IOptions<MetricsOptions> options, TimeProvider clock, ILogger<MetricRecorder> logger, MetricExport? export = null)
    : BackgroundService
{
    /// <summary>This process: machine and process id.</summary>
    public static readonly string Node = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>What is running.</summary>
    public static readonly string Release =
        (Assembly.GetEntryAssembly() ?? typeof(MetricRecorder).Assembly).GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static readonly string Always = JsonSerializer.Serialize(new { node = Node, release = Release });

    // The roll-up looks back a little further.
    private static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(90);

    private readonly int _capacity = options.Value.Capacity;
    private readonly Channel<MetricRow> _waiting = Channel.CreateBounded<MetricRow>(new BoundedChannelOptions(options.Value.Capacity) { SingleReader = true });
    private readonly List<MetricRow> _batch = [];
    private readonly HashSet<DateOnly> _partitions = [];
    private long _dropped;
    private bool _away;

    /// <summary>Rows dropped and not yet told to the database.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Notes a fact. The metadata (an anonymous object or a dictionary) is read before this returns; it must be a JSON object.</summary>
    /// <param name="type">One of <see cref="MetricTypes"/>.</param>
    /// <param name="value">How much, in the type's unit.</param>
    /// <param name="metadata">What it was about; node, release and the id of the drill that runs (<see cref="DrillScope"/>) are added.</param>
    public void Record(string type, double value, object? metadata = null)
    {
        if (!options.Value.Enabled) return;
        var row = new MetricRow { Type = type, Value = value, Metadata = Json(metadata), Timestamp = clock.GetUtcNow() };
        if (!_waiting.Writer.TryWrite(row)) Interlocked.Increment(ref _dropped);
        export?.Observe(type, value, row.Metadata);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.FlushEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await TryFlushAsync();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await TryFlushAsync();   // whoever started after us has stopped before us, so these are the last rows
            if (_batch.Count + _waiting.Reader.Count is > 0 and var lost) logger.MetricsLost(lost);
        }
    }

    private async Task TryFlushAsync()
    {
        try
        {
            if (_batch.Count > 0 || Dropped > 0 || _waiting.Reader.TryPeek(out _)) await FlushAsync();
            if (_away) logger.MetricsResumed();
            _away = false;
        }
        catch (Exception ex) when (ex is DbException or IOException or SocketException or TimeoutException)
        {
            _partitions.Clear();
            if (!_away) logger.MetricsHeld(ex);
            _away = true;
        }
    }

    // Not cancelled halfway: a stop would otherwise have to write the same rows again.
    private async Task FlushAsync()
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        while (_batch.Count < _capacity && _waiting.Reader.TryRead(out var row)) _batch.Add(row);
        var size = _capacity;
        while (_batch.Count > 0)
        {
            size = Math.Min(size, _batch.Count);
            try
            {
                await WriteAsync(connection, CollectionsMarshal.AsSpan(_batch)[..size].ToArray());
                _batch.RemoveRange(0, size);
            }
            // A row that the database can't hold (a NUL in its text) must not keep the others back: halve until it is alone.
            catch (PostgresException ex) when (ex.SqlState.StartsWith("22", StringComparison.Ordinal))
            {
                if (size > 1) { size /= 2; continue; }
                logger.MetricRefused(ex, _batch[0].Type);
                _batch.RemoveAt(0);
                Interlocked.Increment(ref _dropped);
                size = _capacity;
            }
        }
        if (Dropped is > 0 and var dropped)
        {
            export?.Observe(MetricTypes.MetricsDropped, dropped, Always);
            await WriteAsync(connection, [new MetricRow { Type = MetricTypes.MetricsDropped, Value = dropped, Metadata = Always, Timestamp = clock.GetUtcNow() }]);
            Interlocked.Add(ref _dropped, -dropped);
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection, MetricRow[] rows)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        foreach (var day in rows.Select(r => DateOnly.FromDateTime(r.Timestamp.UtcDateTime)).Append(today).Append(today.AddDays(1)).Distinct())
        {
            if (_partitions.Contains(day)) continue;
            await MetricTable.EnsurePartitionAsync(connection, day, CancellationToken.None);
            _partitions.Add(day);
        }
        await using var copy = await connection.BeginBinaryImportAsync(MetricTable.Copy);
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(row.Type, NpgsqlDbType.Text);
            await copy.WriteAsync(row.Value, NpgsqlDbType.Double);
            await copy.WriteAsync(row.Metadata, NpgsqlDbType.Jsonb);
            await copy.WriteAsync(row.Timestamp, NpgsqlDbType.TimestampTz);
        }
        await copy.CompleteAsync();
        await copy.CloseAsync();
        var late = rows.Select(r => r.Timestamp).Where(at => clock.GetUtcNow() - at > LateAfter).ToArray();
        if (late.Length > 0) await MetricTable.MarkLateAsync(connection, late, CancellationToken.None);
    }

    private static string Json(object? metadata)
    {
        var always = DrillScope.Current is { } drill ? $"{{\"drill_id\":\"{drill}\",{Always[1..]}" : Always;
        if (metadata is null) return always;
        var json = JsonSerializer.Serialize(metadata, metadata.GetType());
        if (json[0] != '{') throw new ArgumentException("Metadata must be a JSON object.", nameof(metadata));
        return json.Length == 2 ? always : $"{json[..^1]},{always[1..]}";
    }
}
