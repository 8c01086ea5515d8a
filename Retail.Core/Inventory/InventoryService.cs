using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Inventory;

/// <summary>
/// Changes stock, always with a line in the ledger, in the caller's transaction where there is one. Reserving is done by the
/// order intake, in its batch; everything after it is done here.
/// </summary>
public sealed class InventoryService(RetailDbContext db, TimeProvider clock)
{
    private const string LockOrder = """
        SELECT s.variant_id FROM stock_items s
        WHERE s.variant_id IN (SELECT variant_id FROM order_lines WHERE order_id = {0}) ORDER BY s.variant_id FOR NO KEY UPDATE
        """;

    private const string TakeOrder = """
        WITH line AS (SELECT variant_id, sum(quantity)::int AS quantity FROM order_lines WHERE order_id = {0} GROUP BY variant_id),
        stock AS (
            UPDATE stock_items s SET reserved = s.reserved - line.quantity, on_hand = s.on_hand - line.quantity * {1}
            FROM line WHERE s.variant_id = line.variant_id)
        INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at)
        SELECT variant_id, {2}, -quantity * {1}, -quantity, {0}, '', {3} FROM line
        """;

    private const string FreeFlash = """
        UPDATE flash_sales f SET sold = f.sold - t.quantity
        FROM (SELECT flash_sale_id, sum(quantity)::int AS quantity FROM order_lines WHERE order_id = {0} AND flash_sale_id IS NOT NULL GROUP BY 1) t
        WHERE f.id = t.flash_sale_id
        """;

    private const string Sell = LockOrder + ";\n" + TakeOrder;
    private const string Release = Sell + ";\n" + FreeFlash;

    /// <summary>The units of a paid order leave the warehouse. In the transaction that marks it paid.</summary>
    public Task SellAsync(Guid orderId, CancellationToken ct) => EndReservationAsync(orderId, StockMovementKind.Sold, leave: 1, ct);

    /// <summary>The units of an order that came to nothing can be sold again. In the transaction that cancels it.</summary>
    public Task ReleaseAsync(Guid orderId, CancellationToken ct) => EndReservationAsync(orderId, StockMovementKind.Released, leave: 0, ct);

    /// <summary>The units of a cancelled order can be had at the flash price again. After the stock's rows, as in the intake, in the transaction that cancels it; releasing does it by itself.</summary>
    public Task FreeFlashUnitsAsync(Guid orderId, CancellationToken ct) => db.Database.ExecuteSqlRawAsync(FreeFlash, [orderId], ct);

    /// <summary>Units of an order that had been sold are back in the warehouse. In the transaction that says why.</summary>
    /// <param name="orderId">The order they were sold with.</param>
    /// <param name="units">Variants and units.</param>
    /// <param name="note">Why, for the ledger.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task RestockAsync(Guid orderId, IReadOnlyCollection<(Guid VariantId, int Quantity)> units, string note, CancellationToken ct)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("Stock follows its order in one transaction.");
        var sums = units.GroupBy(u => u.VariantId, u => u.Quantity).OrderBy(g => g.Key).ToList();
        var (ids, quantities) = (sums.Select(g => g.Key).ToArray(), sums.Select(g => g.Sum()).ToArray());
        await db.Database.ExecuteSqlAsync($"""
            SELECT variant_id FROM stock_items WHERE variant_id = ANY({ids}) ORDER BY variant_id FOR NO KEY UPDATE;
            WITH back AS (SELECT * FROM unnest({ids}, {quantities}) AS t(variant_id, quantity)),
            stock AS (UPDATE stock_items s SET on_hand = s.on_hand + back.quantity FROM back WHERE s.variant_id = back.variant_id)
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at)
            SELECT variant_id, {nameof(StockMovementKind.Restocked)}, quantity, 0, {orderId}, {note}, {clock.GetUtcNow()} FROM back
            """, ct);
    }

    /// <summary>Sets the units in the warehouse; makes the stock row of a new variant.</summary>
    /// <param name="variantId">The variant.</param>
    /// <param name="onHand">Units; not fewer than are promised to orders.</param>
    /// <param name="note">Who or what sets it, for the ledger.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>Whether the number was another one before.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<bool>> SetOnHandAsync(Guid variantId, int onHand, string note, CancellationToken ct) =>
        await ChangeAsync(variantId, _ => onHand, note, ct);

    /// <summary>Adds or takes away units: what was sold since somebody looked stays sold.</summary>
    /// <inheritdoc cref="SetOnHandAsync"/>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<bool>> AdjustAsync(Guid variantId, int difference, string note, CancellationToken ct) =>
        await ChangeAsync(variantId, onHand => onHand + difference, note, ct);

    /// <summary>Sets the units of many variants in one statement, in the caller's transaction; never below what is promised to orders.</summary>
    /// <param name="units">Variants, each once, with the units that they should have.</param>
    /// <param name="note">Who or what sets it, for the ledger.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>How many had another number before.</returns>
    public async Task<int> SetManyOnHandAsync(IReadOnlyCollection<(Guid VariantId, int OnHand)> units, string note, CancellationToken ct)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("Stock follows its cause in one transaction.");
        if (units.Count == 0) return 0;
        var (ids, onHand) = (units.Select(u => u.VariantId).ToArray(), units.Select(u => u.OnHand).ToArray());
        // The rows are locked in key order, as the order intake does.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM stock_items WHERE variant_id = ANY({ids}) ORDER BY variant_id FOR NO KEY UPDATE", ct);
        return await db.Database.ExecuteSqlAsync($"""
            WITH wanted AS (
                SELECT s.variant_id, greatest(w.on_hand, s.reserved) - s.on_hand AS difference
                FROM unnest({ids}, {onHand}) AS w(variant_id, on_hand) JOIN stock_items s USING (variant_id)
                WHERE greatest(w.on_hand, s.reserved) <> s.on_hand),
            stock AS (UPDATE stock_items s SET on_hand = s.on_hand + wanted.difference FROM wanted WHERE s.variant_id = wanted.variant_id)
            INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at)
            SELECT variant_id, {nameof(StockMovementKind.Adjusted)}, difference, 0, {note}, {clock.GetUtcNow()} FROM wanted
            """, ct);
    }

    private async Task<ServiceResult<bool>> ChangeAsync(Guid variantId, Func<int, int> change, string note, CancellationToken ct)
    {
        // One transaction, the caller's or our own: the number and its ledger line stand or fall together.
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        var made = await db.Database.ExecuteSqlAsync($"INSERT INTO stock_items (variant_id, on_hand, reserved) VALUES ({variantId}, 0, 0) ON CONFLICT DO NOTHING", ct);
        var stock = await db.StockItems.FromSql($"SELECT * FROM stock_items WHERE variant_id = {variantId} FOR NO KEY UPDATE").AsNoTracking().SingleAsync(ct);
        var onHand = change(stock.OnHand);
        if (onHand < stock.Reserved)
            return new ServiceError(Refusal.Conflict, "stock_reserved", $"{stock.Reserved} units are promised to orders, and the stock can't be lower than that. Write a higher number.");
        if (onHand != stock.OnHand)
        {
            await db.Database.ExecuteSqlAsync($"""
                UPDATE stock_items SET on_hand = {onHand} WHERE variant_id = {variantId};
                INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at)
                VALUES ({variantId}, {nameof(StockMovementKind.Adjusted)}, {onHand - stock.OnHand}, 0, {note}, {clock.GetUtcNow()})
                """, ct);
        }
        if (own is not null) await own.CommitAsync(ct);
        return made > 0 || onHand != stock.OnHand;
    }

    private async Task EndReservationAsync(Guid orderId, StockMovementKind kind, int leave, CancellationToken ct)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("Stock follows its order in one transaction.");
        // In key order first, as the intake does: two orders of the same goods never wait for each other. Units of a flash sale that
        // come free can be had at its price again; after the stock, as in the intake. One round trip for all.
        await db.Database.ExecuteSqlRawAsync(kind == StockMovementKind.Released ? Release : Sell, [orderId, leave, kind.ToString(), clock.GetUtcNow()], ct);
    }
}
