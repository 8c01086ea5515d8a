using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Orders;

/// <summary>
/// The net beneath the outbox: each half minute it looks for money that nobody is promised to ask after, whatever became of the
/// promise, and promises again. What is promised twice is harmless.
/// </summary>
public sealed class SettlementSweep(NpgsqlDataSource database, TimeProvider clock, ILogger<SettlementSweep> logger) : IJob<NoArgs>
{
    internal static readonly JobDefinition Definition = new("settlement-sweep")
    {
        Purpose = "Finds payments and refunds whose outcome nobody is promised to ask for, and promises it again.",
        Cron = "0/30 * * * * ?",
        Priority = JobPriority.High,
        TimeLimit = TimeSpan.FromMinutes(1),
    };

    // A checkout that is still at work is none of its business; older than a day, the gateway has forgotten the key.
    private const string PromiseAgain = """
        WITH stuck(kind, key, order_id) AS (
            SELECT 'settle-payment', o.id::text, o.id FROM orders o WHERE o.status IN ('Placed', 'PaymentPending') AND o.placed_at < $1 - interval '1 minute'
            UNION ALL
            SELECT 'settle-payment', o.id::text, o.id FROM orders o JOIN payments p ON p.order_id = o.id
            WHERE o.status = 'Cancelled' AND o.placed_at > $1 - interval '2 days' AND p.status IN ('Started', 'Unknown') AND p.started_at BETWEEN $1 - interval '1 day' AND $1 - interval '1 minute'
                AND NOT EXISTS (SELECT 1 FROM payments later WHERE later.order_id = p.order_id AND (later.started_at, later.id) > (p.started_at, p.id))
            UNION ALL
            SELECT 'refund', r.id::text, r.order_id FROM refunds r WHERE r.status = 'Pending' AND r.created_at < $1 - interval '1 minute')
        INSERT INTO outbox (kind, key, ordering_key, status, created_at, due_at, tries)
        SELECT s.kind, s.key, s.order_id::text, 'Waiting', $1, $1, 0 FROM stuck s
        WHERE NOT EXISTS (SELECT 1 FROM outbox x WHERE x.kind = s.kind AND x.ordering_key = s.order_id::text AND x.key = s.key AND x.status = 'Waiting')
        """;

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        if (await RunOnceAsync(ct) is > 0 and var found) logger.PromisedAgain(found);
    }

    /// <summary>Looks once; answers how many it found.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(PromiseAgain);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(ct);
    }
}
