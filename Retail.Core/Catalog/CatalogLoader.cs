using System.Text;
using System.Text.Json;
using Npgsql;

namespace Retail.Core.Catalog;

/// <summary>Reads published products from the database as cards: all of them, or some.</summary>
public sealed class CatalogLoader(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Which rows of products p shoppers may find: lists, searches, pages and feeds that are read from the database ask by it.</summary>
    internal const string Listed = "p.status = 'Published' AND p.drill_id IS NULL";

    private const string CategoriesSql = "SELECT id, slug, name, description FROM categories ORDER BY position, name";

    private const string PicturesSql = """
        SELECT i.product_id, i.id, i.hash, c.content_type, i.alt
        FROM product_pictures i JOIN picture_contents c ON c.hash = i.hash JOIN products p ON p.id = i.product_id
        WHERE p.status = 'Published' AND ($1 IS NULL OR p.id = ANY($1)) ORDER BY i.product_id, i.position
        """;

    private const string VariantsSql = """
        SELECT v.product_id, v.id, v.sku, v.gtin, v.options, v.price_amount, v.compare_at_amount, v.picture_id, coalesce(s.on_hand - s.reserved, 0)
        FROM variants v JOIN products p ON p.id = v.product_id LEFT JOIN stock_items s ON s.variant_id = v.id
        WHERE p.status = 'Published' AND v.retired_at IS NULL AND ($1 IS NULL OR p.id = ANY($1)) ORDER BY v.product_id, v.position, v.sku
        """;

    private const string ProductsSql = """
        SELECT p.id, p.slug, p.name, p.brand, p.category_id, p.description, p.attributes, p.option_names, p.featured,
            p.rating_average, p.rating_count, p.published_at, p.updated_at, p.description_is_html, p.drill_id
        FROM products p WHERE p.status = 'Published' AND ($1 IS NULL OR p.id = ANY($1))
        """;

    // Of each variant the sale that runs, or else the next one.
    private const string FlashSalesSql = """
        SELECT DISTINCT ON (f.variant_id) f.variant_id, f.id, f.price_amount, f.starts_at, f.ends_at, f.quantity - f.sold, f.limit_per_customer
        FROM flash_sales f JOIN variants v ON v.id = f.variant_id
        WHERE f.ends_at > $2 AND ($1 IS NULL OR v.product_id = ANY($1)) ORDER BY f.variant_id, f.ends_at
        """;

    /// <summary>Reads the shelves.</summary>
    public async Task<IReadOnlyList<CategoryCard>> CategoriesAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(CategoriesSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var categories = new List<CategoryCard>();
        while (await reader.ReadAsync(ct))
            categories.Add(new(categories.Count, reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return categories;
    }

    /// <summary>Number of products on sale.</summary>
    public async Task<int> CountAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand($"SELECT count(*)::int FROM products p WHERE {Listed}");
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Makers of products on sale, hopping from one to the next through their index instead of reading every product.</summary>
    public async Task<IReadOnlyList<string>> BrandsAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand($"""
            WITH RECURSIVE maker AS (
                (SELECT p.brand FROM products p WHERE {Listed} AND p.brand > '' ORDER BY p.brand LIMIT 1)
                UNION ALL
                SELECT (SELECT p.brand FROM products p WHERE {Listed} AND p.brand > maker.brand ORDER BY p.brand LIMIT 1) FROM maker WHERE maker.brand IS NOT NULL)
            SELECT brand FROM maker WHERE brand IS NOT NULL
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var brands = new List<string>();
        while (await reader.ReadAsync(ct)) brands.Add(reader.GetString(0));
        return brands;
    }

    /// <summary>Products with a flash sale that runs or is to come.</summary>
    public async Task<Guid[]> WithFlashSaleAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("SELECT DISTINCT v.product_id FROM flash_sales f JOIN variants v ON v.id = f.variant_id WHERE f.ends_at > $1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return [.. ids];
    }

    /// <summary>Reads products; the ones that are not published, or have nothing to sell, are not in the answer.</summary>
    /// <param name="categories">The shelves.</param>
    /// <param name="ids">Which products; null for all.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<IReadOnlyList<ProductCard>> ProductsAsync(IReadOnlyList<CategoryCard> categories, Guid[]? ids, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        // One snapshot for the queries: a product is never shown with another moment's variants.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        var now = clock.GetUtcNow();
        var sales = Select(FlashSalesSql, ids);
        sales.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Select(PicturesSql, ids), sales, Select(VariantsSql, ids), Select(ProductsSql, ids) } };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var words = new Words();
        var pictures = await GroupAsync(reader, r => new PictureCard(r.GetGuid(1), PicturePath.Of(r.GetString(2), r.GetString(3)), words.Same(r.GetString(4))), ct);
        await reader.NextResultAsync(ct);
        var offers = await GroupAsync(reader, r => ReadOffer(r, now), ct);
        await reader.NextResultAsync(ct);
        var variants = await GroupAsync(reader, r => ReadVariant(r, words, offers), ct);
        await reader.NextResultAsync(ct);
        var shelves = categories.ToDictionary(c => c.Id);
        var cards = new List<ProductCard>(ids?.Length ?? variants.Count);
        while (await reader.ReadAsync(ct))
        {
            var id = reader.GetGuid(0);
            if (!variants.TryGetValue(id, out var own) || !shelves.TryGetValue(reader.GetGuid(4), out var shelf)) continue;
            var cheapest = own.MinBy(v => v.PriceNow)!;
            cards.Add(new ProductCard
            {
                Id = id,
                Slug = reader.GetString(1),
                Name = reader.GetString(2),
                Brand = words.Same(reader.GetString(3)),
                Category = shelf,
                DescriptionUtf8 = Encoding.UTF8.GetBytes(reader.GetString(5)),
                DescriptionIsHtml = reader.GetBoolean(13),
                Attributes = ReadAttributes(reader.GetString(6), words),
                OptionNames = words.Same(reader.GetFieldValue<string[]>(7)),
                Featured = reader.GetBoolean(8),
                Rating = reader.GetDecimal(9),
                RatingCount = reader.GetInt32(10),
                PublishedAt = reader.GetFieldValue<DateTimeOffset>(11),
                UpdatedAt = reader.GetFieldValue<DateTimeOffset>(12),
                DrillId = reader.IsDBNull(14) ? null : reader.GetGuid(14),
                Pictures = pictures.TryGetValue(id, out var gallery) ? gallery.ToArray() : [],
                Variants = own.ToArray(),
                PriceFrom = cheapest.PriceNow,
                CompareAt = cheapest.Was,
                HasPriceRange = own.Exists(v => v.PriceNow != cheapest.PriceNow),
            });
        }
        return cards;
    }

    private static NpgsqlBatchCommand Select(string sql, Guid[]? ids) => new(sql)
    {
        Parameters = { new NpgsqlParameter { Value = ids is null ? DBNull.Value : ids, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Uuid } },
    };

    private static async Task<Dictionary<Guid, List<T>>> GroupAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var groups = new Dictionary<Guid, List<T>>();
        while (await reader.ReadAsync(ct))
        {
            var key = reader.GetGuid(0);
            if (!groups.TryGetValue(key, out var group)) groups.Add(key, group = new List<T>(1));
            group.Add(read(reader));
        }
        return groups;
    }

    private static VariantCard ReadVariant(NpgsqlDataReader reader, Words words, Dictionary<Guid, List<FlashOffer>> offers) => new()
    {
        Id = reader.GetGuid(1),
        Sku = reader.GetString(2),
        Gtin = reader.IsDBNull(3) ? null : reader.GetString(3),
        Options = words.Same(reader.GetFieldValue<string[]>(4)),
        Price = reader.GetDecimal(5),
        CompareAt = reader.IsDBNull(6) ? null : reader.GetDecimal(6),
        PictureId = reader.IsDBNull(7) ? null : reader.GetGuid(7),
        Available = reader.GetInt32(8),
        Flash = offers.TryGetValue(reader.GetGuid(1), out var own) ? own[0] : null,
    };

    private static FlashOffer ReadOffer(NpgsqlDataReader reader, DateTimeOffset now) => new()
    {
        Id = reader.GetGuid(1),
        Price = reader.GetDecimal(2),
        StartsAt = reader.GetFieldValue<DateTimeOffset>(3),
        EndsAt = reader.GetFieldValue<DateTimeOffset>(4),
        Left = reader.GetInt32(5),
        LimitPerCustomer = reader.GetInt32(6),
        IsRunning = reader.GetFieldValue<DateTimeOffset>(3) <= now,
    };

    private static ProductAttribute[] ReadAttributes(string json, Words words)
    {
        if (json.Length <= 2) return [];
        var attributes = JsonSerializer.Deserialize<ProductAttribute[]>(json, JsonSerializerOptions.Default)!;
        for (var i = 0; i < attributes.Length; i++) attributes[i] = new(words.Same(attributes[i].Name), words.Same(attributes[i].Value));
        return attributes;
    }

    /// <summary>Brands, sizes and colours repeat by the thousand: one string each.</summary>
    private sealed class Words
    {
        private readonly HashSet<string> _known = [];

        public string Same(string word)
        {
            if (_known.TryGetValue(word, out var known)) return known;
            if (_known.Count < 100_000) _known.Add(word);
            return word;
        }

        public string[] Same(string[] words)
        {
            if (words.Length == 0) return [];
            for (var i = 0; i < words.Length; i++) words[i] = Same(words[i]);
            return words;
        }
    }
}

/// <summary>Where pictures are served.</summary>
public static class PicturePath
{
    /// <summary>The address of a picture's content.</summary>
    public static string Of(string hash, string contentType) => $"/media/{hash}.{Extension(contentType)}";

    /// <summary>The file extension of an image type.</summary>
    public static string Extension(string contentType) => contentType switch
    {
        "image/svg+xml" => "svg",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/avif" => "avif",
        _ => "webp",
    };
}
