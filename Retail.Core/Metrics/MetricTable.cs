using System.Globalization;
using Npgsql;

namespace Retail.Core.Metrics;

/// <summary>The metric table's SQL: a partition a day, so that old days are dropped, not deleted row by row.</summary>
public static class MetricTable
{
    /// <summary>Makes the table; for a migration, since EF Core can't say PARTITION BY.</summary>
    /// <remarks>A sequence, because an identity column of a partitioned table wants PostgreSQL 17.</remarks>
    public const string Sql = """
        CREATE SEQUENCE metric_id_seq AS bigint CACHE 100;
        CREATE TABLE metric (
            id bigint NOT NULL DEFAULT nextval('metric_id_seq'),
            type text NOT NULL,
            value double precision NOT NULL,
            metadata jsonb NOT NULL DEFAULT '{}',
            timestamp timestamptz NOT NULL,
            CONSTRAINT pk_metric PRIMARY KEY (id, timestamp)
        ) PARTITION BY RANGE (timestamp);
        ALTER SEQUENCE metric_id_seq OWNED BY metric.id;
        CREATE INDEX ix_metric_type_timestamp ON metric (type, timestamp);
        """;

    internal const string Copy = "COPY metric (type, value, metadata, timestamp) FROM STDIN (FORMAT BINARY)";

    private const long LockKey = 0x6d65_7472_6963;   // "metric"

    /// <summary>The name of a day's partition (UTC).</summary>
    public static string PartitionOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"metric_{day:yyyyMMdd}");

    /// <summary>The first day that has a partition; null when none has.</summary>
    internal static async Task<DateOnly?> FirstDayAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var days = await DaysAsync(connection, ct);
        return days.Count > 0 ? days[0] : null;
    }

    /// <summary>The days that have a partition, oldest first.</summary>
    internal static async Task<IReadOnlyList<DateOnly>> DaysAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'metric'::regclass ORDER BY c.relname", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var days = new List<DateOnly>();
        while (await reader.ReadAsync(ct))
            if (DateOnly.TryParseExact(reader.GetString(0)["metric_".Length..], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) days.Add(day);
        return days;
    }

    /// <summary>Drops a day with all its rows.</summary>
    internal static async Task DropAsync(NpgsqlConnection connection, DateOnly day, CancellationToken ct)
    {
        await using var drop = new NpgsqlCommand($"DROP TABLE IF EXISTS {PartitionOf(day)}", connection);
        await drop.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Notes the minutes that rows came late for, so that they are rolled up once more.</summary>
    internal static async Task MarkLateAsync(NpgsqlConnection connection, DateTimeOffset[] at, CancellationToken ct)
    {
        await using var mark = new NpgsqlCommand(
            "INSERT INTO metric_late (minute) SELECT DISTINCT date_trunc('minute', t, 'UTC') FROM unnest($1) t ORDER BY 1 ON CONFLICT DO NOTHING", connection)
        { Parameters = { new NpgsqlParameter<DateTimeOffset[]> { TypedValue = at } } };
        await mark.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Makes a day's partition unless it is there. Nodes take turns: IF NOT EXISTS alone fails when two come at once.</summary>
    internal static async Task EnsurePartitionAsync(NpgsqlConnection connection, DateOnly day, CancellationToken ct)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection) { Parameters = { new() { Value = PartitionOf(day) } } };
        if (await exists.ExecuteScalarAsync(ct) is true) return;
        var (from, to) = (day.ToString("O", CultureInfo.InvariantCulture), day.AddDays(1).ToString("O", CultureInfo.InvariantCulture));
        // One simple batch is one transaction; the lock ends with it.
        await using var create = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"SELECT pg_advisory_xact_lock({LockKey})"),
                new($"CREATE TABLE IF NOT EXISTS {PartitionOf(day)} PARTITION OF metric FOR VALUES FROM ('{from} 00:00:00+00') TO ('{to} 00:00:00+00')"),
            },
        };
        await create.ExecuteNonQueryAsync(ct);
    }
}
