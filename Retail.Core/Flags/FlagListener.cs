using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Metrics;

namespace Retail.Core.Flags;

/// <summary>
/// Brings switched flags into this process. The table's trigger notifies; besides, the table is read when the connection comes back
/// and every two seconds, so that a notice that was lost on the way is made good well within five.
/// </summary>
public sealed class FlagListener(NpgsqlDataSource database, FeatureFlags flags, MetricRecorder metrics, TimeProvider clock, ILogger<FlagListener> logger) : BackgroundService
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private const string Select = """
        SELECT DISTINCT ON (c.name) c.id, c.name, f.is_on, c.changed_at, c.changed_by
        FROM feature_flag_changes c LEFT JOIN feature_flags f ON f.name = c.name ORDER BY c.name, c.id DESC
        """;

    private readonly Dictionary<string, long> _seen = [];
    private bool _started, _isDeaf;

    /// <summary>Before the first request: no page is served by a path that was switched off.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await ReadAsync(connection, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            logger.FlagsUnheard(e);
        }
        flags.TellAll();
        _started = true;
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                if (!_isDeaf) logger.FlagsUnheard(e);
                _isDeaf = true;
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var listen = new NpgsqlCommand($"LISTEN {FlagNotices.ChannelName}", connection)) await listen.ExecuteNonQueryAsync(ct);
        while (true)
        {
            await ReadAsync(connection, ct);
            _isDeaf = false;
            await connection.WaitAsync(Sweep, ct);
        }
    }

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand(Select, connection) { CommandTimeout = (int)Sweep.TotalSeconds };
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (id, name) = (reader.GetInt64(0), reader.GetString(1));
            if (_seen.GetValueOrDefault(name) == id || FeatureFlags.Find(name) is not { } flag) continue;
            _seen[name] = id;
            var on = reader.IsDBNull(2) ? flags.ByEnvironment(flag) : reader.GetBoolean(2);
            // At the start all is news, and none of it happened just now.
            if (!_started)
            {
                flags.SetQuietly(flag, on);
                continue;
            }
            if (!flags.Set(flag, on)) continue;
            var seconds = Math.Max(0, (clock.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(3)).TotalSeconds);
            metrics.Record(MetricTypes.FlagPropagationSeconds, seconds, new { flag = name, on });
            var by = reader.GetString(4);
            logger.Switched(flag, by, seconds);
        }
    }
}
