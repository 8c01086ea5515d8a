using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Quality.Drills;

/// <summary>Clears away what drills made: goods, shoppers, carts, orders, charges in the simulator's books. What they found stays.</summary>
public sealed class DrillCleaner(NpgsqlDataSource database, ILogger<DrillCleaner> logger)
{
    private const string Goods = "SELECT id FROM products WHERE drill_id = ANY($1)";
    private const string Orders = "SELECT id FROM orders WHERE drill_id = ANY($1)";
    private const string Partners = "SELECT id FROM partners WHERE contact IN (SELECT 'feeds@' || replace(id::text, '-', '') || '.drill.invalid' FROM unnest($1) AS t(id))";
    private const string Variants = $"SELECT id FROM variants WHERE product_id IN ({Goods})";

    // From the leaves to the root, in the order that foreign keys want; the goods are off sale before their orders go.
    private static readonly string[] Clear =
    [
        $"UPDATE products SET status = 'Archived' WHERE drill_id = ANY($1) AND status <> 'Archived'",
        "DELETE FROM outbox WHERE drill_id = ANY($1)",
        $"DELETE FROM outbox WHERE key IN (SELECT id::text FROM orders WHERE drill_id = ANY($1) UNION ALL SELECT id::text FROM refunds WHERE order_id IN ({Orders}))",
        $"DELETE FROM outbox WHERE kind = 'notify' AND split_part(key, ':', 2) IN (SELECT id::text FROM orders WHERE drill_id = ANY($1) UNION ALL SELECT v.id::text FROM ({Variants}) v)",
        $"DELETE FROM payment_events WHERE order_id IN ({Orders})",
        $"DELETE FROM refunds WHERE order_id IN ({Orders})",
        $"DELETE FROM orders WHERE drill_id = ANY($1)",
        $"DELETE FROM carts WHERE drill_id = ANY($1)",
        $"DELETE FROM flash_sales WHERE variant_id IN ({Variants})",
        $"DELETE FROM products WHERE drill_id = ANY($1)",
        $"DELETE FROM feed_contents WHERE id IN (SELECT content_id FROM feed_runs WHERE partner_id IN ({Partners}))",
        $"DELETE FROM feed_runs WHERE partner_id IN ({Partners})",
        $"DELETE FROM partners WHERE id IN ({Partners})",
        $"DELETE FROM drill_marks WHERE drill_id = ANY($1)",
        // A flag that was switched stands again as it stood.
        $"DELETE FROM feature_flags WHERE changed_by IN (SELECT 'drill ' || id || ', before: none' FROM unnest($1) AS t(id))",
        $"UPDATE feature_flags SET is_on = true, changed_by = 'drill' WHERE changed_by IN (SELECT 'drill ' || id || ', before: on' FROM unnest($1) AS t(id))",
        $"UPDATE feature_flags SET is_on = false, changed_by = 'drill' WHERE changed_by IN (SELECT 'drill ' || id || ', before: off' FROM unnest($1) AS t(id))",
    ];

    // A made-up shopper's address names the drill.
    private const string ClearPeople = """
        WITH gone AS (DELETE FROM customers WHERE email LIKE ANY(SELECT '%@' || replace(id::text, '-', '') || '.drill.invalid' FROM unnest($1) AS t(id)) RETURNING id)
        DELETE FROM outbox WHERE kind = 'notify' AND split_part(key, ':', 2) IN (SELECT id::text FROM gone)
        """;

    private const string HasSimulator = "SELECT to_regclass('simulator.payment_intents') IS NOT NULL";

    // The simulator's books are the gateway's, so they are asked for their own record of the order.
    private static readonly string[] ClearSimulator =
    [
        "DELETE FROM payment_events WHERE gateway_id IN (SELECT id FROM simulator.payment_intents WHERE metadata->>'order_id' = ANY($1))",
        "DELETE FROM simulator.idempotency WHERE key IN (SELECT id::text FROM payments WHERE order_id::text = ANY($1) UNION ALL SELECT 'drill-' || id FROM unnest($1) AS t(id))",
        "DELETE FROM simulator.payment_methods WHERE id IN (SELECT payment_method FROM simulator.payment_intents WHERE metadata->>'order_id' = ANY($1))",
        "DELETE FROM simulator.refunds WHERE payment_intent IN (SELECT id FROM simulator.payment_intents WHERE metadata->>'order_id' = ANY($1))",
        "DELETE FROM simulator.payment_intents WHERE metadata->>'order_id' = ANY($1)",
    ];

    private const string OfDrills = """
        SELECT DISTINCT drill_id FROM (
            SELECT drill_id FROM products WHERE drill_id IS NOT NULL UNION ALL SELECT drill_id FROM orders WHERE drill_id IS NOT NULL
            UNION ALL SELECT drill_id FROM carts WHERE drill_id IS NOT NULL UNION ALL SELECT drill_id FROM drill_marks
            UNION ALL SELECT substring(contact FROM '@([0-9a-f]{32})[.]drill[.]invalid$')::uuid FROM partners WHERE contact LIKE '%.drill.invalid'
            UNION ALL SELECT substring(changed_by FROM '^drill ([0-9a-f-]{36}), before')::uuid FROM feature_flags WHERE changed_by LIKE 'drill %, before: %') made
        """;

    /// <summary>In whose name a drill switches a flag; it says how the flag stood.</summary>
    internal static string FlagActor(Guid drillId, bool? before) => $"drill {drillId}, before: {before switch { true => "on", false => "off", null => "none" }}";

    /// <summary>The gateway has told of every paid order of a drill.</summary>
    public async Task<bool> HasAllNewsAsync(Guid drillId, CancellationToken ct)
    {
        await using var command = database.CreateCommand("""
            SELECT NOT EXISTS (SELECT 1 FROM orders o WHERE o.drill_id = $1 AND o.status = 'Paid' AND NOT EXISTS (SELECT 1 FROM payment_events e WHERE e.order_id = o.id))
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = drillId });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>Clears away what a drill made.</summary>
    /// <param name="drillId">The drill; nothing of it runs any more.</param>
    /// <param name="charged">Made-up order numbers under which it charged the gateway directly.</param>
    /// <param name="ct">Stops the work; what was not done, the next clearing does.</param>
    public Task ClearAsync(Guid drillId, IReadOnlyCollection<Guid> charged, CancellationToken ct) => ClearAsync([drillId], charged, ct);

    /// <summary>
    /// Clears away what drills left whose process is gone, and says so in their rows. Only for who holds <see cref="DrillLock"/>: then none runs.
    /// </summary>
    public async Task ClearLeftoversAsync(DateTimeOffset now, CancellationToken ct)
    {
        var left = new List<Guid>();
        await using (var find = database.CreateCommand(OfDrills))
        await using (var reader = await find.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) left.Add(reader.GetGuid(0));
        await using (var mark = database.CreateCommand("""
            UPDATE drills SET status = 'Stopped', finished_at = $1, result = $2::jsonb WHERE status = 'Running' RETURNING id
            """))
        {
            mark.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
            mark.Parameters.Add(new NpgsqlParameter<string> { TypedValue = new DrillResult([], "The process that ran it ended before the drill did.").ToJson() });
            await using var reader = await mark.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) left.Add(reader.GetGuid(0));
        }
        if (left.Count > 0) await ClearAsync([.. left.Distinct()], [], ct);
    }

    private async Task ClearAsync(Guid[] drills, IReadOnlyCollection<Guid> charged, CancellationToken ct)
    {
        var orders = new List<string>(charged.Select(id => id.ToString()));
        var rows = 0;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var find = new NpgsqlCommand("SELECT id::text FROM orders WHERE drill_id = ANY($1)", connection) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = drills } } })
        await using (var reader = await find.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) orders.Add(reader.GetString(0));
        // The simulator's charges first: they are found by the orders that still stand.
        await using (var asked = new NpgsqlCommand(HasSimulator, connection))
            if (await asked.ExecuteScalarAsync(ct) is true) rows += await RunAsync(connection, ClearSimulator, new NpgsqlParameter<string[]> { TypedValue = [.. orders] }, ct);
        rows += await RunAsync(connection, [.. Clear, ClearPeople], new NpgsqlParameter<Guid[]> { TypedValue = drills }, ct);
        logger.Cleared(rows);
    }

    private static async Task<int> RunAsync(NpgsqlConnection connection, IReadOnlyList<string> statements, NpgsqlParameter about, CancellationToken ct)
    {
        // A batch is one transaction.
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in statements) batch.BatchCommands.Add(new(sql) { Parameters = { about.Clone() } });
        return await batch.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>One drill at a time in the whole store: a lock of the database's, which ends with its holder.</summary>
public sealed class DrillLock : IAsyncDisposable
{
    private const long Key = 0x6472_696c_6c73;   // "drills"

    private readonly NpgsqlConnection _connection;

    private DrillLock(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Takes it; null when a drill runs.</summary>
    public static async Task<DrillLock?> TryTakeAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(database);
        var connection = await database.OpenConnectionAsync(ct);
        await using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Key})", connection);
        if (await take.ExecuteScalarAsync(ct) is true) return new(connection);
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Gives it back; a connection that goes back to its pool would keep it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var give = new NpgsqlCommand($"SELECT pg_advisory_unlock({Key})", _connection);
            await give.ExecuteScalarAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            // The connection is gone, and the lock with it.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }
}

/// <summary>Clears away what drills left whose process was killed.</summary>
public sealed class DrillLeftoversJob(DrillCleaner cleaner, NpgsqlDataSource database, TimeProvider clock) : IJob<NoArgs>
{
    /// <summary>Its name.</summary>
    public const string Name = "drill-leftovers";

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        await using var turn = await DrillLock.TryTakeAsync(database, ct);
        if (turn is not null) await cleaner.ClearLeftoversAsync(clock.GetUtcNow(), ct);
    }
}
