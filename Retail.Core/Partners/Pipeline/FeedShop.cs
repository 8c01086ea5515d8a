using System.Text.Json;
using Npgsql;
using Retail.Core.Catalog;

namespace Retail.Core.Partners.Pipeline;

/// <summary>What the shop has of some products of a partner. Nothing of anybody else's is ever in it, but the SKUs that are taken.</summary>
internal sealed class FeedShop
{
    // By the rows' ids, and all siblings of the products.
    private const string VariantsSql = """
        WITH wanted AS MATERIALIZED (
            SELECT variant_id FROM partner_items WHERE partner_id = $1 AND external_id = ANY($2)
            UNION SELECT v.id FROM products p JOIN variants v ON v.product_id = p.id WHERE p.partner_id = $1 AND p.external_id = ANY($3))
        SELECT v.id, v.product_id, i.external_id, v.gtin, v.options, v.price_amount, v.compare_at_amount, v.position, v.retired_at IS NOT NULL,
            coalesce(s.on_hand, 0), coalesce(s.reserved, 0), i.picture
        FROM wanted w JOIN partner_items i ON i.variant_id = w.variant_id JOIN variants v ON v.id = w.variant_id LEFT JOIN stock_items s ON s.variant_id = w.variant_id
        WHERE i.partner_id = $1
        """;

    private const string ProductsSql = """
        SELECT p.id, p.external_id, p.name, p.brand, p.category_id, p.description, p.description_is_html, p.attributes, p.option_names,
            ARRAY(SELECT address FROM partner_pictures a WHERE a.product_id = p.id ORDER BY position)
        FROM products p WHERE p.partner_id = $1 AND p.external_id = ANY($2)
        """;

    private readonly Dictionary<string, ShopProduct> _products = [];
    private readonly Dictionary<string, ShopVariant> _variants = [];
    private readonly HashSet<string> _takenSkus = [];
    private ILookup<Guid, ShopVariant> _byProduct = Array.Empty<ShopVariant>().ToLookup(v => v.ProductId);

    /// <summary>How the shop names a partner's product: nobody else's can have the same.</summary>
    public static string ExternalId(Guid partnerId, string productKey) => $"partner:{partnerId:N}:{productKey}";

    public ShopProduct? Product(string productKey) => _products.GetValueOrDefault(productKey);

    public ShopVariant? Variant(string externalId) => _variants.GetValueOrDefault(externalId);

    public IEnumerable<ShopVariant> VariantsOf(Guid productId) => _byProduct[productId];

    public bool IsTaken(string sku) => _takenSkus.Contains(sku);

    public static async Task<FeedShop> LoadAsync(NpgsqlConnection connection, Partner partner, IReadOnlyList<StagedItem> rows, CancellationToken ct)
    {
        var shop = new FeedShop();
        var externalIds = rows.Select(r => r.Item.Id).ToArray();
        var keys = rows.Select(r => r.Item.ProductKey).Distinct().ToDictionary(key => ExternalId(partner.Id, key));
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ProductsSql) { Parameters = { new() { Value = partner.Id }, new() { Value = keys.Keys.ToArray() } } },
                new(VariantsSql) { Parameters = { new() { Value = partner.Id }, new() { Value = externalIds }, new() { Value = keys.Keys.ToArray() } } },
                new("SELECT sku FROM variants WHERE sku = ANY($1)") { Parameters = { new() { Value = externalIds.Select(id => FeedPlan.SkuOf(partner, id)).ToArray() } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) shop._products[keys[reader.GetString(1)]] = ReadProduct(reader);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var variant = ReadVariant(reader);
            shop._variants[variant.ExternalId] = variant;
        }
        shop._byProduct = shop._variants.Values.ToLookup(v => v.ProductId);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) shop._takenSkus.Add(reader.GetString(0));
        return shop;
    }

    private static ShopProduct ReadProduct(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(2), reader.GetString(3), reader.GetGuid(4), reader.GetString(5), reader.GetBoolean(6),
        JsonSerializer.Deserialize<List<ProductAttribute>>(reader.GetString(7), JsonSerializerOptions.Default)!, reader.GetFieldValue<string[]>(8), reader.GetFieldValue<string[]>(9));

    private static ShopVariant ReadVariant(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetFieldValue<string[]>(4), reader.GetDecimal(5),
        reader.IsDBNull(6) ? null : reader.GetDecimal(6), reader.GetInt32(7), reader.GetBoolean(8), reader.GetInt32(9), reader.GetInt32(10), reader.IsDBNull(11) ? null : reader.GetString(11));
}
