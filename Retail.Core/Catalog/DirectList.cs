using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Retail.Core.Catalog;

/// <summary>
/// Lists straight from the database: what the PRODUCTS flag selects when it is off, and what a store takes that has more products
/// than memory shall hold. It answers which products are on a page; <see cref="CatalogLoader"/> reads them as the same cards.
/// </summary>
public sealed class DirectList(NpgsqlDataSource database, TimeProvider clock)
{
    private const int MaxRemembered = 500;

    /// <summary>Counts beside a list are counted anew when anything changed, and at the latest after this time.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private const string OnSale = CatalogLoader.Listed + " AND EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND v.retired_at IS NULL)";

    // The lowest price of each product at this moment, those of running flash sales with units left included.
    private const string Prices = """
        WITH flash AS MATERIALIZED (
            SELECT f.variant_id, f.price_amount FROM flash_sales f WHERE f.starts_at <= $1 AND f.ends_at > $1 AND f.quantity > f.sold),
        price AS (
            SELECT v.product_id, min(coalesce(f.price_amount, v.price_amount)) AS amount
            FROM variants v LEFT JOIN flash f ON f.variant_id = v.id
            WHERE v.retired_at IS NULL AND ($2::uuid[] IS NULL OR v.product_id = ANY($2)) GROUP BY v.product_id)

        """;

    private const string InStock = """
         AND EXISTS (SELECT 1 FROM variants v JOIN stock_items s ON s.variant_id = v.id WHERE v.product_id = p.id AND v.retired_at IS NULL AND s.on_hand > s.reserved)
        """;

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, Lazy<Task<List<Group>>> Groups)> _groups = new();

    /// <summary>The keys of the products on a page, in order.</summary>
    internal async Task<List<Guid>> PageAsync(ListQuery query, CategoryCard? shelf, SearchHits? hits, int page, CancellationToken ct)
    {
        var wantsPrice = query.Sort is ProductSort.PriceUp or ProductSort.PriceDown || query.MinPrice is not null || query.MaxPrice is not null;
        var sql = $"""
            {(wantsPrice ? Prices : "")}SELECT p.id FROM products p {(wantsPrice ? "JOIN price ON price.product_id = p.id" : "")}
            WHERE {OnSale}{(query.InStock ? InStock : "")}
                AND ($2::uuid[] IS NULL OR p.id = ANY($2)) AND ($3::uuid IS NULL OR p.category_id = $3) AND ($4::text[] IS NULL OR p.brand = ANY($4))
                {(wantsPrice ? $"AND {AtPrice(query, "$5", "$6")}" : "AND $1::timestamptz IS NOT NULL AND $5::numeric IS NULL AND $6::numeric IS NULL")}
            ORDER BY {Order(query.Sort, hits is not null)} LIMIT {ListQuery.PageSize} OFFSET {((page - 1) * ListQuery.PageSize).ToString(CultureInfo.InvariantCulture)}
            """;
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        Add(command, hits?.Ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        // A shelf that there is not has nothing on it.
        Add(command, query.Category.Length == 0 ? null : shelf?.Id ?? Guid.Empty, NpgsqlDbType.Uuid);
        Add(command, query.Brands.Count == 0 ? null : query.Brands.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(command, query.MinPrice, NpgsqlDbType.Numeric);
        Add(command, query.MaxPrice, NpgsqlDbType.Numeric);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<Guid>(ListQuery.PageSize);
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }

    /// <summary>The counts beside a list, each with all other filters as they are.</summary>
    internal async Task<DirectCounts> CountAsync(ListQuery query, CatalogSnapshot shelves, SearchHits? hits, long version, CancellationToken ct)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{version}|{query.InStock}|{query.MinPrice}|{query.MaxPrice}|{query.Search}");
        var groups = await GroupsAsync(key, () => ReadGroupsAsync(query, hits)).WaitAsync(ct);
        var shelf = shelves.FindCategory(query.Category);
        var places = shelves.Categories.ToDictionary(c => c.Id, c => c.Index);
        var brandPlaces = shelves.Brands.Select((name, i) => (name, i)).ToDictionary(b => b.name, b => b.i);
        var counts = new DirectCounts(new int[shelves.Categories.Count], new int[shelves.Brands.Count], new int[ListQuery.PriceSteps.Count + 1]);
        foreach (var (category, brand, step, atPrice, count) in groups)
        {
            var onShelf = query.Category.Length == 0 || category == shelf?.Id;
            var ofBrand = query.Brands.Count == 0 || query.Brands.Contains(brand);
            if (ofBrand && atPrice && places.TryGetValue(category, out var place)) counts.ByCategory[place] += count;
            if (onShelf && atPrice && brandPlaces.TryGetValue(brand, out var brandPlace)) counts.ByBrand[brandPlace] += count;
            if (onShelf && ofBrand) counts.ByPrice[step] += count;
            if (onShelf && ofBrand && atPrice) counts.Total += count;
        }
        return counts;
    }

    // One pass for all counts; shelf and brand are told apart afterwards, so that choosing another one asks nothing.
    private async Task<List<Group>> ReadGroupsAsync(ListQuery query, SearchHits? hits)
    {
        await using var command = database.CreateCommand($"""
            {Prices}SELECT p.category_id, p.brand, width_bucket(price.amount, $5), {AtPrice(query, "$3", "$4")} AS at_price, count(*)::int
            FROM products p JOIN price ON price.product_id = p.id
            WHERE {CatalogLoader.Listed}{(query.InStock ? InStock : "")} AND ($2::uuid[] IS NULL OR p.id = ANY($2)) GROUP BY 1, 2, 3, 4
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        Add(command, hits?.Ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(command, query.MinPrice, NpgsqlDbType.Numeric);
        Add(command, query.MaxPrice, NpgsqlDbType.Numeric);
        Add(command, ListQuery.PriceSteps.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Numeric);
        await using var reader = await command.ExecuteReaderAsync();
        var groups = new List<Group>();
        while (await reader.ReadAsync()) groups.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2), reader.GetBoolean(3), reader.GetInt32(4)));
        return groups;
    }

    private async Task<List<Group>> GroupsAsync(string key, Func<Task<List<Group>>> read)
    {
        var now = clock.GetUtcNow();
        if (_groups.TryGetValue(key, out var known) && now - known.At > Remembered) _groups.TryRemove(new(key, known));
        if (_groups.Count > MaxRemembered) _groups.Clear();
        var entry = _groups.GetOrAdd(key, _ => (now, new(read)));
        try
        {
            return await entry.Groups.Value;
        }
        catch
        {
            // A failure is not remembered.
            _groups.TryRemove(new(key, entry));
            throw;
        }
    }

    // As ListQuery.TakesPrice: a step is the limit between two ranges and belongs to the upper one.
    private static string AtPrice(ListQuery query, string min, string max) =>
        $"({min}::numeric IS NULL OR price.amount >= {min}) AND ({max}::numeric IS NULL OR price.amount {(query.MaxPrice is { } most && ListQuery.PriceSteps.Contains(most) ? "<" : "<=")} {max})";

    // As CatalogSnapshot.Order.
    private static string Order(ProductSort sort, bool searched) => sort switch
    {
        ProductSort.Relevance when searched => "array_position($2, p.id)",
        ProductSort.Newest or ProductSort.Relevance => "p.published_at DESC, p.id DESC",
        ProductSort.PriceUp => "price.amount, p.id DESC",
        ProductSort.PriceDown => "price.amount DESC, p.id DESC",
        ProductSort.Name => "upper(p.name) COLLATE \"C\", p.id DESC",
        ProductSort.Rating => "p.rating_average DESC, p.rating_count DESC, p.id DESC",
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, "Not a sort."),
    };

    private static void Add(NpgsqlCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });

    private sealed record Group(Guid Category, string Brand, int Step, bool AtPrice, int Count);
}

/// <summary>How many products a list has, and the counts beside it.</summary>
internal sealed record DirectCounts(int[] ByCategory, int[] ByBrand, int[] ByPrice)
{
    public int Total { get; set; }
}
