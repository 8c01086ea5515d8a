using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Inventory.Seeding;

namespace Retail.Core.Inventory;

/// <summary>A product as it is to be; its variants, stock and pictures are another matter.</summary>
internal sealed record ProductChange(
    Guid Id, string Name, string Brand, Guid CategoryId, string Description, bool DescriptionIsHtml, IReadOnlyList<ProductAttribute> Attributes, IReadOnlyList<string> OptionNames);

/// <summary>A variant as it is to be; it goes on sale again when it was not.</summary>
internal sealed record VariantChange(Guid Id, Guid ProductId, string? Gtin, IReadOnlyList<string> Options, decimal Price, decimal? CompareAt, int Position);

/// <summary>
/// Makes and changes many products with a statement a table, in the caller's transaction. The triggers of the tables tell every node,
/// once a statement.
/// </summary>
public sealed class ProductBatch(RetailDbContext db, InventoryService inventory, IOptions<StoreOptions> store, TimeProvider clock)
{
    private const string UpdateProducts = """
        UPDATE products p SET name = x.name, brand = x.brand, category_id = x.category_id, description = x.description,
            description_is_html = x.description_is_html, attributes = x.attributes, option_names = x.option_names, updated_at = $2
        FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, name text, brand text, category_id uuid, description text, description_is_html boolean, attributes jsonb, option_names text[])
        WHERE p.id = x.id
        """;

    private const string UpdateVariants = """
        UPDATE variants v SET product_id = x.product_id, gtin = x.gtin, options = x.options, price_amount = x.price, compare_at_amount = x.compare_at, position = x.position, retired_at = NULL
        FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, product_id uuid, gtin text, options text[], price numeric, compare_at numeric, position int)
        WHERE v.id = x.id
        """;

    private NpgsqlConnection Connection => (NpgsqlConnection)db.Database.GetDbConnection();

    /// <summary>Locks the stock of variants in key order, before anything else is read or locked, as the order intake does.</summary>
    internal Task LockStockAsync(Guid[] variantIds, CancellationToken ct) =>
        ExecuteAsync("SELECT 1 FROM stock_items WHERE variant_id = ANY($1) ORDER BY variant_id FOR NO KEY UPDATE", ct, variantIds);

    /// <summary>Writes new products with their variants and first stock, each at a free address.</summary>
    internal async Task AddAsync(IReadOnlyList<NewProduct> products, string note, CancellationToken ct)
    {
        if (products.Count > 0) await Bulk(note).WriteAsync(await WithFreeSlugsAsync(products, ct), ct);
    }

    /// <summary>Writes new variants of products that are there, with their first stock.</summary>
    internal async Task AddVariantsAsync(IReadOnlyList<(Guid ProductId, NewVariant Variant, int Position)> variants, string note, CancellationToken ct)
    {
        if (variants.Count > 0) await Bulk(note).WriteVariantsAsync(variants, ct);
    }

    /// <summary>Changes products.</summary>
    internal async Task ChangeAsync(IReadOnlyList<ProductChange> products, CancellationToken ct)
    {
        if (products.Count == 0) return;
        var json = JsonSerializer.Serialize(products.Select(p => new
        {
            id = p.Id,
            name = p.Name,
            brand = p.Brand,
            category_id = p.CategoryId,
            description = p.Description,
            description_is_html = p.DescriptionIsHtml,
            attributes = p.Attributes,
            option_names = p.OptionNames,
        }));
        await ExecuteAsync(UpdateProducts, ct, json, clock.GetUtcNow());
    }

    /// <summary>Changes variants, and puts those on sale again that were taken out.</summary>
    internal async Task ChangeAsync(IReadOnlyList<VariantChange> variants, CancellationToken ct)
    {
        if (variants.Count == 0) return;
        var json = JsonSerializer.Serialize(variants.Select(v => new { id = v.Id, product_id = v.ProductId, gtin = v.Gtin, options = v.Options, price = v.Price, compare_at = v.CompareAt, position = v.Position }));
        await ExecuteAsync(UpdateVariants, ct, json);
    }

    /// <summary>Sets the stock of variants, through Inventory.</summary>
    internal Task SetStockAsync(IReadOnlyCollection<(Guid VariantId, int OnHand)> units, string note, CancellationToken ct) => inventory.SetManyOnHandAsync(units, note, ct);

    /// <summary>Takes variants out of the range; a product without any can't be seen.</summary>
    internal async Task RetireAsync(Guid[] variantIds, CancellationToken ct)
    {
        if (variantIds.Length > 0) await ExecuteAsync("UPDATE variants SET retired_at = $2 WHERE id = ANY($1) AND retired_at IS NULL", ct, variantIds, clock.GetUtcNow());
    }

    /// <summary>Puts a picture at a place of a product's gallery, instead of the one that is there, and shows variants with it.</summary>
    internal async Task SetPictureAsync(Guid productId, int position, PictureFile file, Guid[] variantIds, CancellationToken ct)
    {
        var hash = PictureContent.HashOf(file.Bytes);
        await ExecuteAsync("INSERT INTO picture_contents (hash, content_type, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", ct, hash, file.ContentType, file.Bytes);
        await ExecuteAsync("DELETE FROM product_pictures WHERE product_id = $1 AND position = $2 AND hash <> $3", ct, productId, position, hash);
        await ExecuteAsync("""
            INSERT INTO product_pictures (id, product_id, position, alt, hash) SELECT $1, p.id, $3, p.name, $4 FROM products p
            WHERE p.id = $2 AND NOT EXISTS (SELECT 1 FROM product_pictures i WHERE i.product_id = $2 AND i.position = $3)
            """, ct, Guid.CreateVersion7(clock.GetUtcNow()), productId, position, hash);
        if (variantIds.Length > 0)
            await ExecuteAsync("UPDATE variants v SET picture_id = i.id FROM product_pictures i WHERE v.id = ANY($1) AND i.product_id = $2 AND i.position = $3", ct, variantIds, productId, position);
    }

    /// <summary>Takes pictures out of galleries that have more than they should.</summary>
    internal async Task TrimPicturesAsync(IReadOnlyCollection<(Guid ProductId, int Count)> galleries, CancellationToken ct)
    {
        if (galleries.Count > 0)
            await ExecuteAsync("DELETE FROM product_pictures i USING unnest($1, $2) AS g(product_id, pictures) WHERE i.product_id = g.product_id AND i.position >= g.pictures", ct,
                galleries.Select(g => g.ProductId).ToArray(), galleries.Select(g => g.Count).ToArray());
    }

    private BulkCatalog Bulk(string note) => new(Connection, store.Value.Currency, note, clock.GetUtcNow());

    private async Task<List<NewProduct>> WithFreeSlugsAsync(IReadOnlyList<NewProduct> products, CancellationToken ct)
    {
        var taken = new HashSet<string>();
        await using (var command = Command("SELECT slug FROM products WHERE slug = ANY($1)", (object)products.Select(p => p.Slug).Distinct().ToArray()))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) taken.Add(reader.GetString(0));
        // The key's random end makes it another one.
        return [.. products.Select(p => taken.Add(p.Slug) ? p : p with { Slug = $"{p.Slug[..Math.Min(p.Slug.Length, Slug.MaxLength - 13)].TrimEnd('-')}-{p.Id.ToString("N")[20..]}" })];
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("A batch is one transaction.");
        var command = new NpgsqlCommand(sql, Connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }
}
