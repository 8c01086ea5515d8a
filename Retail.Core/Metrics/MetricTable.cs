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
