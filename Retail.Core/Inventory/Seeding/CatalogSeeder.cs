using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Inventory.Seeding;

/// <summary>Fills the catalogue with the store's own products, and empties it.</summary>
public sealed class CatalogSeeder(NpgsqlDataSource database, IOptions<StoreOptions> store, TimeProvider clock)
{
    private const int ChunkSize = 2_000;

    // "seed" in hexadecimal; two seeders take turns.
    private const string TakeTurn = "SELECT pg_advisory_xact_lock(1936024932)";

    private const string Ordered = "SELECT DISTINCT v.product_id FROM order_lines l JOIN variants v ON v.id = l.variant_id";

    /// <summary>Adds the products and shelves of our own that are missing.</summary>
    /// <returns>How many products were added; 0 when all were there.</returns>
    public async Task<int> PopulateAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, TakeTurn, ct);
        var added = await AddMissingAsync(connection, ct);
        await transaction.CommitAsync(ct);
        return added;
    }

    /// <summary>Adds generated products, numbered on from those that are there; our own too where they are missing.</summary>
    /// <param name="count">How many.</param>
    /// <param name="progress">Told how many are written.</param>
    /// <param name="ct">Stops the work; nothing is then added.</param>
    public async Task GenerateAsync(int count, IProgress<int> progress, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, TakeTurn, ct);
        await AddMissingAsync(connection, ct);
        var now = clock.GetUtcNow();
        var own = SeedCatalog.Read().Categories;
        var shelves = await EnsureShelvesAsync(connection, [.. own, .. ProductGenerator.Shelves.Where(s => s.Name is not null).Select(s => new SeedCategory(s.Name!, s.Slug, s.Description ?? ""))], ct);
        var hashes = await EnsurePicturesAsync(connection, ProductGenerator.Shelves.SelectMany(s => s.Pictures), ct);
        var last = (int)(await ExecuteAsync(connection, $"SELECT coalesce(max(substring(external_id FROM {ProductGenerator.Origin.Length + 1})::int), 0) FROM products WHERE external_id LIKE '{ProductGenerator.Origin}%'", ct))!;
        var generator = new ProductGenerator(shelves, hashes, now);
        var bulk = new BulkCatalog(connection, store.Value.Currency, "populate-products", now);
        for (var done = 0; done < count;)
        {
            var chunk = Enumerable.Range(last + done + 1, Math.Min(ChunkSize, count - done)).Select(generator.Make).ToList();
            await bulk.WriteAsync(chunk, ct);
            progress.Report(done += chunk.Count);
        }
        await transaction.CommitAsync(ct);
    }

    /// <summary>Wipes the catalogue and makes it anew, all or nothing; refused when orders refer to products.</summary>
    /// <returns>How many products were added.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<int>> RecreateAsync(CancellationToken ct) => await RecreateAsync(archive: false, ct);

    /// <summary>Wipes the catalogue and makes it anew; products that orders refer to are archived, and give their slug and SKUs free.</summary>
    /// <returns>How many products were added.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<int>> ArchiveAndRecreateAsync(CancellationToken ct) => await RecreateAsync(archive: true, ct);

    private async Task<ServiceResult<int>> RecreateAsync(bool archive, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, TakeTurn, ct);
        // Orders being placed finish first, and new ones wait for the outcome.
        await ExecuteAsync(connection, "LOCK TABLE stock_items IN EXCLUSIVE MODE", ct);
        var ordered = Convert.ToInt32(await ExecuteAsync(connection, $"SELECT count(*) FROM ({Ordered}) p", ct), null);
        if (ordered > 0 && !archive)
            return new ServiceError(Refusal.Conflict, "catalog_has_orders", $"Orders refer to {ordered} of the products, so the catalogue was not cleared: with --force those products are archived instead of deleted.");
        if (ordered > 0) await ArchiveAsync(connection, ct);
        await WipeAsync(connection, ct);
        var added = await AddMissingAsync(connection, ct);
        await transaction.CommitAsync(ct);
        return added;
    }

    // What is archived keeps its name for the orders' pages, and gives free what must be unique.
    private async Task ArchiveAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await ExecuteAsync(connection, $"""
            UPDATE variants SET sku = left(sku, 27) || '-' || id, retired_at = coalesce(retired_at, $1)
            WHERE product_id IN (SELECT id FROM products WHERE status <> 'Archived') AND product_id IN ({Ordered})
            """, ct, clock.GetUtcNow());
        await ExecuteAsync(connection, $"""
            UPDATE products SET status = 'Archived', featured = false, external_id = NULL, updated_at = $1, slug = left(slug, 83) || '-' || id
            WHERE status <> 'Archived' AND id IN ({Ordered})
            """, ct, clock.GetUtcNow());
    }

    private static async Task WipeAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        // Children first and in bulk: a cascade would go row by row.
        foreach (var sql in (string[])
        [
            $"CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT id FROM products WHERE id NOT IN ({Ordered})",
            "ANALYZE gone",
            "DELETE FROM cart_lines",
            "DELETE FROM stock_movements WHERE variant_id IN (SELECT v.id FROM variants v JOIN gone ON gone.id = v.product_id)",
            "DELETE FROM stock_items WHERE variant_id IN (SELECT v.id FROM variants v JOIN gone ON gone.id = v.product_id)",
            "DELETE FROM variants WHERE product_id IN (SELECT id FROM gone)",
            "DELETE FROM product_pictures WHERE product_id IN (SELECT id FROM gone)",
            "DELETE FROM products WHERE id IN (SELECT id FROM gone)",
            "DELETE FROM picture_contents c WHERE NOT EXISTS (SELECT 1 FROM product_pictures p WHERE p.hash = c.hash)",
            "DELETE FROM categories c WHERE NOT EXISTS (SELECT 1 FROM products p WHERE p.category_id = c.id)",
        ])
            await ExecuteAsync(connection, sql, ct);
    }

    private async Task<int> AddMissingAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var seed = SeedCatalog.Read();
        var there = await SlugsAsync(connection, [.. seed.Products.Select(p => p.Slug)], ct);
        var missing = seed.Products.Where(p => !there.Contains(p.Slug)).ToList();
        if (missing.Count == 0) return 0;
        var now = clock.GetUtcNow();
        var shelves = await EnsureShelvesAsync(connection, seed.Categories, ct);
        var hashes = await EnsurePicturesAsync(connection, missing.SelectMany(p => p.Pictures).Select(p => p.File), ct);
        // The first of the file is the newest; an hour between two keeps their order for ever.
        var products = missing.Select((p, i) => p.ToRows(shelves[p.Category], hashes, now.AddHours(-i))).ToList();
        await new BulkCatalog(connection, store.Value.Currency, "populate-products", now).WriteAsync(products, ct);
        return products.Count;
    }

    private static async Task<HashSet<string>> SlugsAsync(NpgsqlConnection connection, string[] slugs, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT slug FROM products WHERE slug = ANY($1)", connection) { Parameters = { new() { Value = slugs } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new HashSet<string>();
        while (await reader.ReadAsync(ct)) found.Add(reader.GetString(0));
        return found;
    }

    private async Task<Dictionary<string, Guid>> EnsureShelvesAsync(NpgsqlConnection connection, IReadOnlyList<SeedCategory> categories, CancellationToken ct)
    {
        var ids = new Dictionary<string, Guid>();
        for (var i = 0; i < categories.Count; i++)
        {
            var (name, slug, description) = categories[i];
            await ExecuteAsync(connection, "INSERT INTO categories (id, slug, name, description, position) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (slug) DO NOTHING", ct,
                Guid.CreateVersion7(clock.GetUtcNow()), slug, name, description, i);
            ids[slug] = (Guid)(await ExecuteAsync(connection, "SELECT id FROM categories WHERE slug = $1", ct, slug))!;
        }
        return ids;
    }

    private static async Task<Dictionary<string, string>> EnsurePicturesAsync(NpgsqlConnection connection, IEnumerable<string> files, CancellationToken ct)
    {
        var hashes = new Dictionary<string, string>();
        foreach (var file in files.Distinct())
        {
            var picture = SeedCatalog.Picture(file);
            await ExecuteAsync(connection, "INSERT INTO picture_contents (hash, content_type, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", ct,
                picture.Hash, picture.ContentType, picture.Bytes);
            hashes[file] = picture.Hash;
        }
        return hashes;
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync(ct);
    }
}
