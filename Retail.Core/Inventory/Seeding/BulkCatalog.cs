using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Retail.Core.Inventory.Seeding;

/// <summary>Writes new products by binary COPY: a table at a time, with their stock and its first ledger lines, in the caller's transaction.</summary>
internal sealed class BulkCatalog(NpgsqlConnection connection, string currency, string note, DateTimeOffset now)
{
    private const string Products = "COPY products (id, slug, name, brand, category_id, description, attributes, option_names, status, featured, rating_average, rating_count, external_id, created_at, published_at, updated_at, description_is_html, partner_id, drill_id) FROM STDIN (FORMAT BINARY)";
    private const string Pictures = "COPY product_pictures (id, product_id, position, alt, hash) FROM STDIN (FORMAT BINARY)";
    private const string Variants = "COPY variants (id, product_id, sku, gtin, options, price_amount, price_currency, compare_at_amount, picture_id, position) FROM STDIN (FORMAT BINARY)";
    private const string Stock = "COPY stock_items (variant_id, on_hand, reserved) FROM STDIN (FORMAT BINARY)";
    private const string Movements = "COPY stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) FROM STDIN (FORMAT BINARY)";

    public async Task WriteAsync(IReadOnlyList<NewProduct> products, CancellationToken ct)
    {
        var variants = products.SelectMany(p => p.Variants.Select((v, i) => (p.Id, v, i))).ToList();
        await CopyAsync(Products, products, WriteProductAsync, ct);
        await CopyAsync(Pictures, products.SelectMany(p => p.Pictures.Select((picture, i) => (p.Id, picture, i))), async (row, item) =>
        {
            await row.WriteAsync(item.picture.Id, ct);
            await row.WriteAsync(item.Id, ct);
            await row.WriteAsync(item.i, ct);
            await row.WriteAsync(item.picture.Alt, ct);
            await row.WriteAsync(item.picture.Hash, ct);
        }, ct);
        await WriteVariantsAsync(variants, ct);

        async Task WriteProductAsync(NpgsqlBinaryImporter row, NewProduct p)
        {
            await row.WriteAsync(p.Id, ct);
            await row.WriteAsync(p.Slug, ct);
            await row.WriteAsync(p.Name, ct);
            await row.WriteAsync(p.Brand, ct);
            await row.WriteAsync(p.CategoryId, ct);
            await row.WriteAsync(p.Description, ct);
            await row.WriteAsync(JsonSerializer.Serialize(p.Attributes, JsonSerializerOptions.Default), NpgsqlDbType.Jsonb, ct);
            await row.WriteAsync(p.OptionNames, ct);
            await row.WriteAsync(nameof(Catalog.ProductStatus.Published), ct);
            await row.WriteAsync(p.Featured, ct);
            await row.WriteAsync(p.RatingAverage, ct);
            await row.WriteAsync(p.RatingCount, ct);
            await WriteOrNullAsync(row, p.ExternalId, NpgsqlDbType.Varchar, ct);
            await row.WriteAsync(p.PublishedAt, ct);
            await row.WriteAsync(p.PublishedAt, ct);
            await row.WriteAsync(now, ct);
            await row.WriteAsync(p.DescriptionIsHtml, ct);
            await WriteOrNullAsync(row, p.PartnerId, NpgsqlDbType.Uuid, ct);
            await WriteOrNullAsync(row, p.DrillId, NpgsqlDbType.Uuid, ct);
        }
    }

    /// <summary>Writes new variants, of products that are there, with their stock.</summary>
    public async Task WriteVariantsAsync(IReadOnlyList<(Guid ProductId, NewVariant Variant, int Position)> variants, CancellationToken ct)
    {
        await CopyAsync(Variants, variants, async (row, item) =>
        {
            await row.WriteAsync(item.Variant.Id, ct);
            await row.WriteAsync(item.ProductId, ct);
            await row.WriteAsync(item.Variant.Sku, ct);
            await WriteOrNullAsync(row, item.Variant.Gtin, NpgsqlDbType.Varchar, ct);
            await row.WriteAsync(item.Variant.Options, ct);
            await row.WriteAsync(item.Variant.Price, ct);
            await row.WriteAsync(currency, ct);
            await WriteOrNullAsync(row, item.Variant.CompareAt, NpgsqlDbType.Numeric, ct);
            await WriteOrNullAsync(row, item.Variant.PictureId, NpgsqlDbType.Uuid, ct);
            await row.WriteAsync(item.Position, ct);
        }, ct);
        await CopyAsync(Stock, variants, async (row, item) =>
        {
            await row.WriteAsync(item.Variant.Id, ct);
            await row.WriteAsync(item.Variant.Stock, ct);
            await row.WriteAsync(0, ct);
        }, ct);
        await CopyAsync(Movements, variants.Where(v => v.Variant.Stock > 0), async (row, item) =>
        {
            await row.WriteAsync(item.Variant.Id, ct);
            await row.WriteAsync(nameof(Inventory.StockMovementKind.Adjusted), ct);
            await row.WriteAsync(item.Variant.Stock, ct);
            await row.WriteAsync(0, ct);
            await row.WriteAsync(note, ct);
            await row.WriteAsync(now, ct);
        }, ct);
    }

    private async Task CopyAsync<T>(string copy, IEnumerable<T> items, Func<NpgsqlBinaryImporter, T, Task> write, CancellationToken ct)
    {
        await using var row = await connection.BeginBinaryImportAsync(copy, ct);
        foreach (var item in items)
        {
            await row.StartRowAsync(ct);
            await write(row, item);
        }
        await row.CompleteAsync(ct);
    }

    private static Task WriteOrNullAsync<T>(NpgsqlBinaryImporter row, T? value, NpgsqlDbType type, CancellationToken ct) =>
        value is null ? row.WriteNullAsync(ct) : row.WriteAsync(value, type, ct);
}
