using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics.Sampling;

namespace Retail.Core.Catalog;

/// <summary>
/// The catalogue in memory, one for each node: every page is rendered from it. Refreshed by <see cref="CatalogListener"/> when
/// any writer changed the tables, and at once by the writer of this node.
/// </summary>
public sealed class CatalogModel(CatalogLoader loader, IOptions<CatalogOptions> options, TimeProvider clock, ILogger<CatalogModel> logger) : IReadyWhen, IDisposable
{
    private static readonly TimeSpan PartLasts = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private CatalogSnapshot _snapshot = CatalogSnapshot.Empty;
    private long _version;
    private DateTimeOffset _readAt;
    private int _total;

    /// <summary>All products at this moment.</summary>
    public CatalogSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Rises whenever anything that a list shows changed; a cached page is known by it.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>How many products are on sale, in memory or not.</summary>
    public int Size => Snapshot is { IsWhole: true } whole ? whole.Count : Volatile.Read(ref _total);

    /// <summary>It was read once: pages can be served.</summary>
    public bool IsWarm => !ReferenceEquals(Snapshot, CatalogSnapshot.Empty);

    bool IReadyWhen.IsReady => IsWarm;

    /// <summary>Reads everything.</summary>
    public async Task ReloadAsync(CancellationToken ct)
    {
        await _oneAtATime.WaitAsync(ct);
        try { await ReadAllAsync(ct); }
        finally { _oneAtATime.Release(); }
    }

    /// <summary>Reads some products again; those that are no longer published leave the model.</summary>
    public async Task RefreshAsync(IReadOnlyCollection<Guid> productIds, CancellationToken ct)
    {
        if (productIds.Count == 0) return;
        await _oneAtATime.WaitAsync(ct);
        try
        {
            // Of a store too large for memory little is held, and the names beside its lists may be a minute old.
            if (!Snapshot.IsWhole && clock.GetUtcNow() - _readAt > PartLasts) await ReadAllAsync(ct);
            var cards = await loader.ProductsAsync(Snapshot.Categories, [.. productIds], ct);
            if (!Snapshot.IsWhole) cards = [.. cards.Where(c => c.NextFlashChange is not null)];
            Publish(Snapshot.With(productIds, cards), cards);
            if (Snapshot.IsWhole && Snapshot.Count > options.Value.MaxProductsInMemory) await ReadAllAsync(ct);
        }
        finally { _oneAtATime.Release(); }
    }

    /// <summary>Reads the stock of some products again and changes it in place: lists keep their order.</summary>
    public async Task RefreshStockAsync(IReadOnlyCollection<Guid> productIds, CancellationToken ct)
    {
        await _oneAtATime.WaitAsync(ct);
        try
        {
            foreach (var fresh in await loader.ProductsAsync(Snapshot.Categories, [.. productIds], ct))
                foreach (var variant in fresh.Variants)
                    SetAvailable(fresh.Id, variant.Id, variant.Available, variant.Flash is { } flash ? (flash.Id, flash.Left) : null);
            // Nobody keeps a version of what is not in memory: pages that were kept are all old.
            if (!Snapshot.IsWhole) Interlocked.Increment(ref _version);
        }
        finally { _oneAtATime.Release(); }
    }

    /// <summary>Sets the units of a variant that can be sold, and those of its flash sale, as a commit of this node left them.</summary>
    public void SetAvailable(Guid productId, Guid variantId, int available, (Guid SaleId, int Left)? flash = null)
    {
        if (Snapshot.FindAny(productId) is not { } card || card.FindVariant(variantId) is not { } variant) return;
        var shown = variant.SetAvailable(available);
        if (flash is { } sale && variant.Flash is { } offer && offer.Id == sale.SaleId) shown |= offer.SetLeft(sale.Left);
        if (shown) card.Version = Interlocked.Increment(ref _version);
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private async Task ReadAllAsync(CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var categories = await loader.CategoriesAsync(ct);
        var total = await loader.CountAsync(ct);
        Volatile.Write(ref _total, total);
        var isWhole = total <= options.Value.MaxProductsInMemory;
        var cards = await loader.ProductsAsync(categories, isWhole ? null : await loader.WithFlashSaleAsync(ct), ct);
        Publish(new CatalogSnapshot(categories, cards, isWhole ? null : await loader.BrandsAsync(ct)), cards);
        _readAt = clock.GetUtcNow();
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (isWhole) logger.Loaded(cards.Count, elapsed.TotalMilliseconds);
        else logger.TooMany(total, options.Value.MaxProductsInMemory);
    }

    private void Publish(CatalogSnapshot snapshot, IReadOnlyList<ProductCard> changed)
    {
        var version = Interlocked.Increment(ref _version);
        foreach (var card in changed) card.Version = version;
        Volatile.Write(ref _snapshot, snapshot);
        // Once more after it is visible: a page rendered in between from the old snapshot is known by the old version.
        Interlocked.Increment(ref _version);
    }
}
