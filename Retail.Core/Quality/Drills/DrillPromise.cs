using System.Globalization;
using Npgsql;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Quality.Drills;

/// <summary>
/// Keeps the promises of the worker drill: each takes a moment, and whoever is killed in that moment leaves a mark that it had begun.
/// Kept is kept: whoever finds that another has done it does nothing.
/// </summary>
internal sealed class DrillPromise(NpgsqlDataSource database, TimeProvider clock) : IOutboxHandler
{
    /// <summary>The kind of its outbox rows; the key is the drill and the promise.</summary>
    public const string OutboxKind = "drill-promise";

    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(250);

    // A drill that has been cleared away has no row any more that wants one.
    private const string Begin = """
        INSERT INTO drill_marks (order_id, node, begun_at, drill_id) SELECT $1, $2, $3, $4
        WHERE NOT EXISTS (SELECT 1 FROM drill_marks WHERE order_id = $1 AND kept_at IS NOT NULL) AND EXISTS (SELECT 1 FROM drills WHERE id = $4 AND status = 'Running')
        ON CONFLICT (order_id, node) DO UPDATE SET begun_at = excluded.begun_at
        """;

    private const string Keep = "UPDATE drill_marks SET kept_at = $3 WHERE order_id = $1 AND node = $2 AND NOT EXISTS (SELECT 1 FROM drill_marks WHERE order_id = $1 AND kept_at IS NOT NULL)";

    public string Kind => OutboxKind;

    public int AtOnce => 4;

    /// <summary>How a worker's process signs: its name in the table of workers begins so.</summary>
    public static string NodeOf(int processId) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{processId}");

    public static string KeyOf(Guid drill, Guid promise) => $"{drill}:{promise}";

    public async Task HandleAsync(string key, CancellationToken ct)
    {
        var (drill, promise) = (Guid.Parse(key.Split(':')[0]), Guid.Parse(key.Split(':')[1]));
        await using (var begin = About(Begin, promise))
        {
            begin.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = drill });
            if (await begin.ExecuteNonQueryAsync(ct) == 0) return;
        }
        await Task.Delay(Takes, clock, ct);
        await using var keep = About(Keep, promise);
        await keep.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand About(string sql, Guid promise)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = promise });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NodeOf(Environment.ProcessId) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return command;
    }
}
