using Npgsql;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Inventory;

/// <summary>
/// Tells every node of products whose flash sale began or ended in the last minutes. Each node watches its own clock as well; this is
/// the net beneath, for one that was asleep at the moment, or whose clock is wrong.
/// </summary>
public sealed class SaleWindows(NpgsqlDataSource database, TimeProvider clock) : IJob<NoArgs>
{
    internal static readonly JobDefinition Definition = new("sale-windows") { Purpose = "Tells every node which flash sales have begun or ended.", Cron = "2 * * * * ?", Priority = JobPriority.High };

    private const string Tell = """
        SELECT notify_ids('products', ARRAY(
            SELECT DISTINCT v.product_id FROM flash_sales f JOIN variants v ON v.id = f.variant_id
            WHERE f.starts_at BETWEEN $1 - interval '2 minutes' AND $1 OR f.ends_at BETWEEN $1 - interval '2 minutes' AND $1 ORDER BY v.product_id LIMIT 101))
        """;

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Tell);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(ct);
    }
}
