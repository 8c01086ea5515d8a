using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Inventory;

/// <summary>Promises the shop a mail about each variant on sale that is running low: one a variant and day, however often this runs.</summary>
public sealed class LowStockNotice(NpgsqlDataSource database, IOptions<InventoryOptions> options, TimeProvider clock) : IJob<NoArgs>
{
    internal static readonly JobDefinition Definition = new("low-stock") { Purpose = "Tells the shop by mail which variants are running low, once a day each.", Cron = "0 0/10 * * * ?" };

    // The occasion is the day; what was promised or sent under the same key is not promised again.
    private const string Promise = """
        INSERT INTO outbox (kind, key, ordering_key, status, created_at, due_at, tries)
        SELECT $1, low.key, low.variant, 'Waiting', $3, $3, 0
        FROM (
            SELECT v.id::text AS variant, $2 || ':' || v.id || ':' || to_char($3 AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS key
            FROM stock_items s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
            WHERE s.on_hand - s.reserved <= $4 AND v.retired_at IS NULL AND p.status = 'Published' AND p.drill_id IS NULL) low
        WHERE NOT EXISTS (SELECT 1 FROM notifications n WHERE n.key = low.key)
            AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = $1 AND o.key = low.key AND o.status = 'Waiting')
        """;

    /// <inheritdoc/>
    public Task RunAsync(NoArgs args, CancellationToken ct) => RunOnceAsync(ct);

    /// <summary>Looks once; answers how many mails it promised.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Promise);
        command.Parameters.Add(new() { Value = Notify.Kind });
        command.Parameters.Add(new() { Value = Notify.StockLow });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = options.Value.LowStock });
        return await command.ExecuteNonQueryAsync(ct);
    }
}
