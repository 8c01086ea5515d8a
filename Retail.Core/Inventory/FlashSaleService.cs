using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Inventory;

/// <summary>A flash sale as an admin wants it to be.</summary>
public sealed record FlashSaleDraft
{
    /// <summary>The sale to change; null for a new one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The <see cref="FlashSale.UpdatedAt"/> that the form showed: a change by somebody else since then is not overwritten. Null: no check.</summary>
    public DateTimeOffset? Seen { get; init; }

    /// <summary>What is sold; only read for a new sale.</summary>
    public required string Sku { get; init; }

    /// <inheritdoc cref="FlashSale.Price"/>
    public required decimal Price { get; init; }

    /// <inheritdoc cref="FlashSale.StartsAt"/>
    public required DateTimeOffset StartsAt { get; init; }

    /// <inheritdoc cref="FlashSale.EndsAt"/>
    public required DateTimeOffset EndsAt { get; init; }

    /// <inheritdoc cref="FlashSale.Quantity"/>
    public required int Quantity { get; init; }

    /// <inheritdoc cref="FlashSale.LimitPerCustomer"/>
    public required int LimitPerCustomer { get; init; }
}

/// <summary>A flash sale in the admin's list.</summary>
public sealed record FlashSaleRow(Guid Id, string Product, string Slug, string Sku, Money NormalPrice, FlashSale Sale);

/// <summary>Makes, changes and ends flash sales. The next page view of this node shows it, those of other nodes a moment later.</summary>
public sealed class FlashSaleService(RetailDbContext db, CatalogModel catalog, IOptions<StoreOptions> store, TimeProvider clock)
{
    private static readonly ServiceError Gone = new(Refusal.NotFound, "unknown_flash_sale", "This flash sale is no longer there. Go back to the list.");
    private static readonly ServiceError ChangedMeanwhile = new(Refusal.Conflict, "changed_meanwhile",
        "Somebody else changed this flash sale while you were editing it. Open it again in another tab, compare, and save once more.");

    /// <summary>The latest sales, those that end last first; at most 200.</summary>
    public async Task<IReadOnlyList<FlashSaleRow>> ListAsync(CancellationToken ct) => await Rows(db.FlashSales.OrderByDescending(s => s.EndsAt).ThenBy(s => s.Id).Take(200)).ToListAsync(ct);

    /// <summary>One sale, or null.</summary>
    public Task<FlashSaleRow?> FindAsync(Guid id, CancellationToken ct) => Rows(db.FlashSales.Where(s => s.Id == id)).SingleOrDefaultAsync(ct);

    /// <summary>Makes or changes a sale.</summary>
    /// <returns>Its key.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Guid>> SaveAsync(FlashSaleDraft draft, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow();
        // Locked: what is sold meanwhile waits, so that the set-aside never falls below it.
        var sale = draft.Id is { } id ? await LockAsync(id, ct) : null;
        if (draft.Id is not null && sale is null) return Gone;
        if (sale is not null && draft.Seen is { } seen && seen != sale.UpdatedAt) return ChangedMeanwhile;
        var sku = draft.Sku.Trim();
        var variant = await (sale is null ? db.Variants.Where(v => v.Sku == sku && v.RetiredAt == null) : db.Variants.Where(v => v.Id == sale.VariantId)).AsNoTracking().SingleOrDefaultAsync(ct);
        if (variant is null) return new ServiceError(Refusal.Invalid, "unknown_sku", "No variant has this SKU. Copy it from the product\u2019s page.", "Sku");
        if (FirstProblem(draft, sale, variant, now) is { } problem) return problem;
        if (sale is null) db.FlashSales.Add(sale = new FlashSale { Id = Guid.CreateVersion7(now), VariantId = variant.Id });
        (sale.Price, sale.StartsAt, sale.EndsAt) = (new Money(draft.Price, store.Value.Currency), draft.StartsAt.ToUniversalTime(), draft.EndsAt.ToUniversalTime());
        (sale.Quantity, sale.LimitPerCustomer, sale.UpdatedAt) = (draft.Quantity, draft.LimitPerCustomer, now);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ExclusionViolation })
        {
            return new ServiceError(Refusal.Conflict, "sale_overlaps", "Another flash sale of this variant runs at that time. Change the times, or the other sale.", "StartsAt");
        }
        await transaction.CommitAsync(ct);
        await catalog.RefreshAsync([variant.ProductId], CancellationToken.None);
        return sale.Id;
    }

    /// <summary>Ends a sale that runs, or calls off one that has not begun. Orders that have its price keep it.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> EndAsync(Guid id, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow();
        if (await LockAsync(id, ct) is not { } sale) return Gone;
        if (sale.PhaseAt(now) == FlashPhase.Over) return new ServiceError(Refusal.Conflict, "sale_over", "This flash sale is over already. Make a new one.");
        if (sale.PhaseAt(now) == FlashPhase.Coming) db.FlashSales.Remove(sale);
        else (sale.EndsAt, sale.UpdatedAt) = (now, now);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        await catalog.RefreshAsync([await db.Variants.Where(v => v.Id == sale.VariantId).Select(v => v.ProductId).SingleAsync(ct)], CancellationToken.None);
        return ServiceResult.Done;
    }

    private async Task<FlashSale?> LockAsync(Guid id, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM flash_sales WHERE id = {id} FOR UPDATE", ct);
        return await db.FlashSales.SingleOrDefaultAsync(s => s.Id == id, ct);
    }

    private IQueryable<FlashSaleRow> Rows(IQueryable<FlashSale> sales) =>
        from sale in sales.AsNoTracking()
        join variant in db.Variants on sale.VariantId equals variant.Id
        join product in db.Products on variant.ProductId equals product.Id
        orderby sale.EndsAt descending, sale.Id
        select new FlashSaleRow(sale.Id, product.Name, product.Slug, variant.Sku, variant.Price, sale);

    private static ServiceError? FirstProblem(FlashSaleDraft draft, FlashSale? sale, Variant variant, DateTimeOffset now)
    {
        if (sale?.PhaseAt(now) == FlashPhase.Over) return new(Refusal.Conflict, "sale_over", "This flash sale is over. Make a new one.");
        if (draft.Price <= 0 || draft.Price >= variant.Price.Amount) return Bad("bad_price", $"Write a flash price of more than nothing and less than the normal price, {variant.Price}.", "Price");
        if (draft.EndsAt <= draft.StartsAt) return Bad("bad_window", "The sale must end after it starts. Change one of the times.", "EndsAt");
        if (draft.EndsAt <= now) return Bad("bad_window", "The end is in the past. Choose a later one; times are in UTC.", "EndsAt");
        if (draft.Quantity is < 1 or > FlashSale.MaxQuantity) return Bad("bad_quantity", $"Set aside 1 to {FlashSale.MaxQuantity:N0} units.", "Quantity");
        if (sale is not null && draft.Quantity < sale.Sold) return Bad("bad_quantity", $"{sale.Sold} units are sold at this price already. Set aside at least as many.", "Quantity");
        return draft.LimitPerCustomer is < 1 or > FlashSale.MaxLimitPerCustomer
            ? Bad("bad_limit", $"Write a limit per customer from 1 to {FlashSale.MaxLimitPerCustomer}.", "LimitPerCustomer") : null;
    }

    private static ServiceError Bad(string code, string message, string field) => new(Refusal.Invalid, code, message, field);
}
