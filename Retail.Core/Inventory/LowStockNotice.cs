using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Inventory;

/// <summary>
/// Promises the shop one mail about every variant on sale that has run low since the last: each variant once a day, however many
/// there are and however often this runs.
/// </summary>
public sealed class LowStockNotice(NpgsqlDataSource database, IOptions<InventoryOptions> options, TimeProvider clock) : IJob<NoArgs>
{
    internal static readonly JobDefinition Definition = new("low-stock") { Purpose = "Tells the shop by one mail which variants have run low, each once a day.", Cron = "0 0/10 * * * ?" };

    // Two workers at once: the second waits for the first one's rows, and finds that they were told of today.
    private const string Promise = """
        WITH low AS (
            INSERT INTO low_stock_items AS told (variant_id, notice_id, told_at)
            SELECT s.variant_id, $1, $2
            FROM stock_items s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
            WHERE s.on_hand - s.reserved <= $3 AND v.retired_at IS NULL AND p.status = 'Published' AND p.drill_id IS NULL
                AND NOT EXISTS (SELECT 1 FROM low_stock_items t WHERE t.variant_id = s.variant_id AND t.told_at >= $4)
            ORDER BY s.variant_id
            ON CONFLICT (variant_id) DO UPDATE SET notice_id = excluded.notice_id, told_at = excluded.told_at WHERE told.told_at < $4
            RETURNING variant_id),
        promise AS (
            INSERT INTO outbox (kind, key, ordering_key, status, created_at, due_at, tries)
            SELECT $5, $6, $7, 'Waiting', $2, $2, 0 WHERE EXISTS (SELECT 1 FROM low))
        SELECT count(*)::int FROM low
        """;

    /// <inheritdoc/>
    public Task RunAsync(NoArgs args, CancellationToken ct) => RunOnceAsync(ct);

    /// <summary>Looks once; answers of how many variants it promised to tell.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var notice = Guid.CreateVersion7(now);
        var promise = Notify.Of(Notify.StockLow, notice, now);
        await using var command = database.CreateCommand(Promise);
        command.Parameters.Add(new() { Value = notice });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = options.Value.LowStock });
        command.Parameters.Add(new() { Value = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) });
        command.Parameters.Add(new() { Value = promise.Kind });
        command.Parameters.Add(new() { Value = promise.Key });
        command.Parameters.Add(new() { Value = promise.OrderingKey! });
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }
}
