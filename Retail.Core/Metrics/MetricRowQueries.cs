using Npgsql;
using NpgsqlTypes;
using Retail.Core.Common;

namespace Retail.Core.Metrics;

/// <summary>A row as a list shows it.</summary>
/// <param name="Timestamp">UTC.</param>
/// <param name="Type">One of <see cref="MetricTypes"/>.</param>
/// <param name="Value">In the type's unit.</param>
/// <param name="Metadata">JSON.</param>
public sealed record MetricRowView(DateTimeOffset Timestamp, string Type, double Value, string Metadata);

/// <summary>Which rows.</summary>
/// <param name="Type">One type, or empty.</param>
/// <param name="From">Not before, UTC; null for no limit.</param>
/// <param name="To">Before, UTC; null for no limit.</param>
/// <param name="Text">Part of the metadata, or empty.</param>
/// <param name="Drills">Of drills alone (true), without them (false), or both.</param>
public sealed record MetricRowFilter(string Type, DateTimeOffset? From, DateTimeOffset? To, string Text, bool? Drills);

/// <summary>Reads metric rows for people, newest first. The table may hold many millions, so a list is counted up to a limit.</summary>
public sealed class MetricRowQueries(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Rows of a page.</summary>
    public const int PageSize = 50;

    /// <summary>Up to so many rows are counted and can be leafed through; filters find what lies deeper.</summary>
    public const int MostCounted = 5_000;

    // Day by day from the newest, so that the first page reads one partition.
    private const string Where = """
        FROM metric WHERE timestamp >= $1 AND timestamp < $2 AND ($3 = '' OR type = $3) AND ($4 = '' OR metadata::text ILIKE $4) AND ($5::boolean IS NULL OR (metadata ? 'drill_id') = $5)
        """;

    private const string Rows = $"SELECT timestamp, type, value, metadata::text {Where} ORDER BY timestamp DESC, id DESC OFFSET $6 LIMIT $7";
    private const string Count = $"SELECT count(*)::int FROM (SELECT 1 {Where} LIMIT $6) counted";

    /// <summary>The first day that has rows is no older than so many days when no limit was given.</summary>
    private static readonly TimeSpan LooksBack = TimeSpan.FromDays(2);

    /// <summary>A page of rows. Without a first day the last two days are looked at.</summary>
    public async Task<PageOf<MetricRowView>> ListAsync(MetricRowFilter filter, int page, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var now = clock.GetUtcNow();
        var (from, to) = (filter.From ?? (filter.To ?? now) - LooksBack, filter.To ?? now.AddMinutes(1));
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Command(Count, MostCounted) } };
        var total = (int)(await batch.ExecuteScalarAsync(ct))!;
        var number = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        await using var rows = new NpgsqlBatch(connection) { BatchCommands = { Command(Rows, (number - 1) * PageSize, PageSize) } };
        await using var reader = await rows.ExecuteReaderAsync(ct);
        var items = new List<MetricRowView>(PageSize);
        while (await reader.ReadAsync(ct)) items.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetDouble(2), reader.GetString(3)));
        return new PageOf<MetricRowView>(items, number, PageSize, total);

        NpgsqlBatchCommand Command(string sql, params int[] limits)
        {
            var command = new NpgsqlBatchCommand(sql)
            {
                Parameters =
                {
                    new NpgsqlParameter<DateTimeOffset> { TypedValue = from }, new NpgsqlParameter<DateTimeOffset> { TypedValue = to },
                    new NpgsqlParameter<string> { TypedValue = filter.Type }, new NpgsqlParameter<string> { TypedValue = filter.Text.Length == 0 ? "" : Data.Like.Containing(filter.Text) },
                    new NpgsqlParameter { Value = filter.Drills is { } drills ? drills : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
                },
            };
            foreach (var limit in limits) command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
            return command;
        }
    }
}
