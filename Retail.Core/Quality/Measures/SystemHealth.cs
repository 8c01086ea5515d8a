using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Quality.Measures;

/// <summary>A process that was alive a moment ago.</summary>
public sealed record NodeState
{
    /// <summary>Machine and process id.</summary>
    public required string Name { get; init; }

    /// <summary>web or worker.</summary>
    public required string Role { get; init; }

    /// <summary>It runs the worker.</summary>
    public required bool IsWorker { get; init; }

    /// <summary>What it runs.</summary>
    public required string Release { get; init; }

    /// <summary>When it last said so, UTC.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>Since it started.</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>Memory it uses.</summary>
    public required double MemoryMb { get; init; }

    /// <summary>Of all that it may use.</summary>
    public required double MemoryPercent { get; init; }

    /// <summary>Of all processors.</summary>
    public required double CpuPercent { get; init; }

    /// <summary>Of its disk.</summary>
    public required double DiskFreePercent { get; init; }

    /// <summary>Busy connections of its pool, and how many it may have; 0 when not told.</summary>
    public required (double Busy, double Limit) Pool { get; init; }
}

/// <summary>How the parts of the store are at this moment.</summary>
public sealed record SystemHealth
{
    /// <summary>Time of one question to the database; null when it did not answer.</summary>
    public required TimeSpan? Database { get; init; }

    /// <summary>Bytes of the database.</summary>
    public long DatabaseSize { get; init; }

    /// <summary>The payment circuit as this node has it.</summary>
    public required CircuitState Gateway { get; init; }

    /// <summary>Workers whose heart beats, and since when the last beat is past.</summary>
    public (int Count, TimeSpan SinceBeat) Workers { get; init; }

    /// <summary>Promises that are due and not kept yet.</summary>
    public int QueueDue { get; init; }

    /// <summary>Age of the oldest of them.</summary>
    public TimeSpan QueueOldest { get; init; }

    /// <summary>Promises that were tried too often.</summary>
    public int QueueDead { get; init; }

    /// <summary>Until when the roll-ups are, UTC; null when there are none.</summary>
    public DateTimeOffset? RolledUpTo { get; init; }

    /// <summary>All processes that were alive within the minute, this one included.</summary>
    public IReadOnlyList<NodeState> Nodes { get; init; } = [];
}

/// <summary>Looks at the parts. Never throws for a database that is away: that is what it tells.</summary>
public sealed class SystemHealthReader(NpgsqlDataSource database, GatewayPipeline gateway, TimeProvider clock)
{
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(45);

    private const string Parts = """
        SELECT pg_database_size(current_database()), count(*) FILTER (WHERE status = 'Waiting' AND due_at <= $1)::int,
            coalesce(extract(epoch FROM $1 - min(due_at) FILTER (WHERE status = 'Waiting' AND due_at <= $1)), 0)::float8, count(*) FILTER (WHERE status = 'Dead')::int,
            (SELECT max(starts_at) FROM metric_rollup WHERE span = 'Minute'),
            (SELECT count(*)::int FROM workers WHERE seen_at > now() - interval '10 seconds'),
            (SELECT coalesce(extract(epoch FROM now() - max(seen_at)), 0)::float8 FROM workers)
        FROM outbox WHERE status IN ('Waiting', 'Dead')
        """;

    private const string Nodes = """
        SELECT DISTINCT ON (n.metadata->>'node') n.metadata->>'node', n.timestamp, n.value, n.metadata::text, p.value, (p.metadata->>'max')::float8
        FROM metric n
        LEFT JOIN LATERAL (SELECT value, metadata FROM metric p WHERE p.type = 'pool_in_use' AND p.timestamp >= $1 AND p.metadata->>'node' = n.metadata->>'node'
            ORDER BY p.timestamp DESC LIMIT 1) p ON true
        WHERE n.type = 'node_seen' AND n.timestamp >= $1 ORDER BY n.metadata->>'node', n.timestamp DESC
        """;

    /// <summary>How it is now.</summary>
    public async Task<SystemHealth> ReadAsync(CancellationToken ct)
    {
        var health = new SystemHealth { Database = null, Gateway = gateway.Current };
        try
        {
            await using var connection = await database.OpenConnectionAsync(ct);
            var asked = Stopwatch.GetTimestamp();
            await using (var ping = new NpgsqlCommand("SELECT 1", connection)) await ping.ExecuteScalarAsync(ct);
            health = health with { Database = Stopwatch.GetElapsedTime(asked) };
            return await PartsAsync(connection, health with { Nodes = await NodesAsync(connection, ct) }, ct);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            return health;
        }
    }

    private async Task<SystemHealth> PartsAsync(NpgsqlConnection connection, SystemHealth health, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Parts, connection) { Parameters = { new() { Value = clock.GetUtcNow() } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return health with
        {
            DatabaseSize = reader.GetInt64(0),
            QueueDue = reader.GetInt32(1),
            QueueOldest = TimeSpan.FromSeconds(reader.GetDouble(2)),
            QueueDead = reader.GetInt32(3),
            Workers = (reader.GetInt32(5), TimeSpan.FromSeconds(reader.GetDouble(6))),
            RolledUpTo = reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4),
        };
    }

    private async Task<List<NodeState>> NodesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Nodes, connection) { Parameters = { new() { Value = clock.GetUtcNow() - Alive } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var nodes = new List<NodeState>();
        while (await reader.ReadAsync(ct))
        {
            using var json = JsonDocument.Parse(reader.GetString(3));
            var told = json.RootElement;
            nodes.Add(new NodeState
            {
                Name = reader.GetString(0),
                SeenAt = reader.GetFieldValue<DateTimeOffset>(1),
                Uptime = TimeSpan.FromSeconds(reader.GetDouble(2)),
                Role = told.GetProperty("role").GetString()!,
                IsWorker = told.GetProperty("worker").GetBoolean(),
                Release = told.GetProperty("release").GetString()!,
                MemoryMb = told.GetProperty("memory_mb").GetDouble(),
                MemoryPercent = told.GetProperty("memory_percent").GetDouble(),
                CpuPercent = told.GetProperty("cpu_percent").GetDouble(),
                DiskFreePercent = told.GetProperty("disk_free_percent").GetDouble(),
                Pool = reader.IsDBNull(4) ? (0, 0) : (reader.GetDouble(4), reader.IsDBNull(5) ? 0 : reader.GetDouble(5)),
            });
        }
        return nodes;
    }
}
