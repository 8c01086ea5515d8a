using System.Runtime.CompilerServices;
using Npgsql;

namespace Retail.Core.Catalog;

/// <summary>Product pages and the home page straight from the database, as the same records that memory would give.</summary>
public sealed class DirectPages(NpgsqlDataSource database, CatalogLoader loader, TimeProvider clock)
{
    private const int Near = 64;

    private const string Listed = CatalogLoader.Listed;

    // Goods of drills too: who asks on a drill's behalf sees them.
    private const string BySlug = "SELECT p.id FROM products p WHERE p.slug = ANY($1) AND p.status = 'Published'";

    // Variants near in price, each way along their index, and what runs in a flash sale, whose price stands in no index.
    private const string Related = $"""
        WITH flash AS MATERIALIZED (
            SELECT f.variant_id, f.price_amount, v.product_id FROM flash_sales f JOIN variants v ON v.id = f.variant_id
            WHERE f.starts_at <= $5 AND f.ends_at > $5 AND f.quantity > f.sold AND v.retired_at IS NULL),
        near AS (
            (SELECT v.product_id FROM variants v JOIN products p ON p.id = v.product_id AND p.category_id = $2 AND {Listed}
                WHERE v.retired_at IS NULL AND v.price_amount >= $3 ORDER BY v.price_amount, v.product_id DESC LIMIT $6)
            UNION
            (SELECT v.product_id FROM variants v JOIN products p ON p.id = v.product_id AND p.category_id = $2 AND {Listed}
                WHERE v.retired_at IS NULL AND v.price_amount <= $3 ORDER BY v.price_amount DESC, v.product_id LIMIT $6)
            UNION
            SELECT f.product_id FROM flash f JOIN products p ON p.id = f.product_id AND p.category_id = $2 AND {Listed}),
        price AS (
            SELECT v.product_id AS id, min(coalesce(f.price_amount, v.price_amount)) AS amount
            FROM near JOIN variants v ON v.product_id = near.product_id AND v.retired_at IS NULL LEFT JOIN flash f ON f.variant_id = v.id
            WHERE v.product_id <> $1 GROUP BY v.product_id),
        neighbour AS (SELECT id, amount, amount > $3 OR (amount = $3 AND id < $1) AS dearer FROM price)
        SELECT id FROM neighbour
        ORDER BY abs(amount - $3), dearer DESC, CASE WHEN dearer THEN id END DESC, CASE WHEN NOT dearer THEN id END LIMIT $4
        """;

    private const string OnSale = $"{Listed} AND EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND v.retired_at IS NULL)";

    private const string Featured = $"""
        SELECT p.id FROM products p
        WHERE {Listed} AND p.featured
            AND EXISTS (SELECT 1 FROM variants v JOIN stock_items s ON s.variant_id = v.id WHERE v.product_id = p.id AND v.retired_at IS NULL AND s.on_hand > s.reserved)
        ORDER BY p.published_at DESC, p.id DESC LIMIT $1
        """;

    private const string Newest = $"SELECT p.id FROM products p WHERE {OnSale} ORDER BY p.published_at DESC, p.id DESC LIMIT $1";

    private const string NewestOthers = $"SELECT p.id FROM products p WHERE {OnSale} AND NOT p.featured ORDER BY p.published_at DESC, p.id DESC LIMIT $1";

    private const string Covers = $"""
        SELECT cover.id FROM categories c, LATERAL (
            SELECT p.id FROM products p WHERE p.category_id = c.id AND {OnSale} AND EXISTS (SELECT 1 FROM product_pictures i WHERE i.product_id = p.id)
            ORDER BY p.featured, p.published_at DESC, p.id DESC LIMIT $1) cover
        """;

    private const int AtOnce = 500;

    private const string Next = $"""
        SELECT p.id, p.published_at FROM products p WHERE {Listed} AND (p.published_at, p.id) < ($1, $2) ORDER BY p.published_at DESC, p.id DESC LIMIT $3
        """;

    private const string Counts = $"SELECT p.category_id, count(*)::int FROM products p WHERE {OnSale} GROUP BY p.category_id";

    /// <summary>Products by their names in the address bar.</summary>
    internal async Task<IReadOnlyList<ProductCard>> FindAsync(string[] slugs, CatalogSnapshot shelves, CancellationToken ct)
    {
        await using var command = database.CreateCommand(BySlug);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = slugs });
        var ids = await IdsAsync(command, ct);
        return ids.Count == 0 ? [] : [.. (await loader.ProductsAsync(shelves.Categories, [.. ids], ct)).Where(card => card.IsSeen)];
    }

    /// <summary>These products, in this order; those that are gone left out.</summary>
    internal async Task<IReadOnlyList<ProductCard>> ReadAsync(IReadOnlyList<Guid> ids, CatalogSnapshot shelves, CancellationToken ct)
    {
        if (ids.Count == 0) return [];
        var cards = (await loader.ProductsAsync(shelves.Categories, [.. ids.Distinct()], ct)).ToDictionary(c => c.Id);
        return [.. ids.Select(id => cards.GetValueOrDefault(id)).OfType<ProductCard>()];
    }

    /// <summary>As <see cref="CatalogSnapshot.Related"/>.</summary>
    internal async Task<IReadOnlyList<ProductCard>> RelatedAsync(ProductCard product, int count, CatalogSnapshot shelves, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Related);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = product.Id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = product.Category.Id });
        command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = product.PriceFrom });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Near });
        return await ReadAsync(await IdsAsync(command, ct), shelves, ct);
    }

    /// <summary>As <see cref="CatalogSnapshot.Window"/>.</summary>
    internal async Task<ShopWindow> WindowAsync(CatalogSnapshot shelves, CancellationToken ct)
    {
        var (featured, newest, others, covers) = (new List<Guid>(), new List<Guid>(), new List<Guid>(), new List<Guid>());
        var counts = new int[shelves.Categories.Count];
        var places = shelves.Categories.ToDictionary(c => c.Id, c => c.Index);
        await using (var connection = await database.OpenConnectionAsync(ct))
        {
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { Limited(Featured, ShopWindow.MaxFeatured), Limited(Newest, ShopWindow.MaxFeatured), Limited(NewestOthers, ShopWindow.MaxNewest), Limited(Covers, 1), new(Counts) },
            };
            await using var reader = await batch.ExecuteReaderAsync(ct);
            foreach (var list in (List<Guid>[])[featured, newest, others, covers])
            {
                while (await reader.ReadAsync(ct)) list.Add(reader.GetGuid(0));
                await reader.NextResultAsync(ct);
            }
            while (await reader.ReadAsync(ct))
                if (places.TryGetValue(reader.GetGuid(0), out var place)) counts[place] = reader.GetInt32(1);
        }
        var flash = await loader.WithFlashSaleAsync(ct);
        if (featured.Count == 0) featured = newest;
        var cards = (await ReadAsync([.. featured, .. others, .. covers, .. flash], shelves, ct)).DistinctBy(c => c.Id).ToDictionary(c => c.Id);
        List<ProductCard> Pick(IEnumerable<Guid> ids) => [.. ids.Select(id => cards.GetValueOrDefault(id)).OfType<ProductCard>()];
        var byShelf = new ProductCard?[counts.Length];
        foreach (var cover in Pick(covers)) byShelf[cover.Category.Index] = cover;
        return new ShopWindow(Pick(featured), byShelf, counts, Pick(others), [.. Pick(flash).Where(c => c.DrillId is null && c.NextFlashChange is not null)]);
    }

    /// <summary>Every product on sale, newest first, some hundred at a time.</summary>
    internal async IAsyncEnumerable<ProductCard> AllAsync(CatalogSnapshot shelves, [EnumeratorCancellation] CancellationToken ct)
    {
        var (at, last) = (DateTimeOffset.MaxValue, Guid.Empty);
        while (true)
        {
            var ids = new List<Guid>(AtOnce);
            await using (var command = database.CreateCommand(Next))
            {
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
                await using var reader = await command.ExecuteReaderAsync(ct);
                while (await reader.ReadAsync(ct))
                {
                    ids.Add(reader.GetGuid(0));
                    at = reader.GetFieldValue<DateTimeOffset>(1);
                }
            }
            if (ids.Count == 0) yield break;
            last = ids[^1];
            foreach (var product in await ReadAsync(ids, shelves, ct)) yield return product;
        }
    }

    /// <summary>How many products are on sale, and when one was changed last.</summary>
    internal async Task<(int, DateTimeOffset?)> SizeAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand($"SELECT count(*)::int, max(p.updated_at) FROM products p WHERE {OnSale}");
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }

    /// <summary>The names of products in the address bar, newest first, with their last changes.</summary>
    internal async IAsyncEnumerable<(string, DateTimeOffset)> AddressesAsync(int from, int most, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = database.CreateCommand($"SELECT p.slug, p.updated_at FROM products p WHERE {OnSale} ORDER BY p.published_at DESC, p.id DESC LIMIT $1 OFFSET $2");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = from });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) yield return (reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
    }

    private static NpgsqlBatchCommand Limited(string sql, int most) => new(sql) { Parameters = { new NpgsqlParameter<int> { TypedValue = most } } };

    private static async Task<List<Guid>> IdsAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }
}
