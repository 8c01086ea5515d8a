using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Commands;

public sealed class PopulateTests(TestDatabase database)
{
    // Only that it refers to the headphones matters here.
    private const string Order = """
        WITH o AS (
            INSERT INTO orders (id, idempotency_key, request_hash, email, phone, shipping_method, shipping_address_name, shipping_address_line1, shipping_address_line2,
                shipping_address_city, shipping_address_region, shipping_address_postcode, shipping_address_country, subtotal_amount, shipping_amount, total_amount,
                subtotal_currency, shipping_currency, total_currency, status, placed_at)
            VALUES (gen_random_uuid(), 'key', 'hash', 'kim@example.com', '', 'standard', 'Kim', 'Road 1', '', 'Town', '', '1234', 'US', 189, 0, 189, 'USD', 'USD', 'USD', 'Placed', now())
            RETURNING id)
        INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, line_total_amount, unit_price_currency, line_total_currency)
        SELECT o.id, 0, v.id, v.sku, 'Headphones', '', 1, 189, 189, 'USD', 'USD' FROM o, variants v WHERE v.sku = 'HAL-NOC-GRA'
        """;

    private const string Balanced = """
        SELECT count(*) FROM stock_items s WHERE s.on_hand <> (SELECT coalesce(sum(m.on_hand_delta), 0) FROM stock_movements m WHERE m.variant_id = s.variant_id)
        """;

    [Fact]
    public async Task Populating_twice_changes_nothing_and_brings_back_what_is_missing()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        Assert.Equal("Added 10 products.\n", (await retail.RunAsync("populate-products")).Output);
        Assert.Equal("Books,Clothing,Electronics,Home & Garden", await retail.QueryAsync("SELECT string_agg(name, ',' ORDER BY name) FROM categories"));
        Assert.Equal("0", await retail.QueryAsync("SELECT count(*) FROM products p WHERE status <> 'Published' OR NOT EXISTS (SELECT 1 FROM product_pictures WHERE product_id = p.id) OR NOT EXISTS (SELECT 1 FROM variants v JOIN stock_items s ON s.variant_id = v.id WHERE v.product_id = p.id AND s.on_hand > 0)"));
        Assert.Equal("0", await retail.QueryAsync(Balanced));
        const string everything = "SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM products p";
        var before = await retail.QueryAsync(everything);

        Assert.Contains("nothing was changed", (await retail.RunAsync("populate-products")).Output, StringComparison.Ordinal);
        Assert.Equal(before, await retail.QueryAsync(everything));

        await retail.QueryAsync("DELETE FROM products WHERE brand = 'Tactory'");
        Assert.StartsWith("Added ", (await retail.RunAsync("populate-products")).Output, StringComparison.Ordinal);
        Assert.Equal("10", await retail.QueryAsync("SELECT count(*) FROM products"));
    }

    [Fact]
    public async Task Clearing_is_refused_while_orders_refer_to_products_and_archives_them_when_forced()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        await retail.RunAsync("populate-products");
        await retail.QueryAsync("INSERT INTO products (id, slug, name, brand, category_id, description, attributes, option_names, status, featured, rating_average, rating_count, created_at, updated_at) SELECT gen_random_uuid(), 'extra', 'Extra', '', id, '', '[]', '{}', 'Draft', false, 0, 0, now(), now() FROM categories LIMIT 1");
        Assert.Equal("Cleared the catalogue and made it anew with 10 products.\n", (await retail.RunAsync("populate-products", "--clear")).Output);
        Assert.Equal("10", await retail.QueryAsync("SELECT count(*) FROM products"));

        await retail.QueryAsync(Order);
        var refused = await retail.RunAsync("populate-products", "--clear");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Equal("Orders refer to 1 of the products, so the catalogue was not cleared: with --force those products are archived instead of deleted.\n", refused.Errors);

        Assert.Equal(0, (await retail.RunAsync("populate-products", "--clear", "--force")).ExitCode);
        Assert.Equal("10 Published, 1 Archived", await retail.QueryAsync("SELECT string_agg(n || ' ' || status, ', ' ORDER BY n DESC) FROM (SELECT status, count(*) n FROM products GROUP BY status) s"));
        Assert.Equal("1", await retail.QueryAsync("SELECT count(*) FROM products WHERE slug = 'nocturne-over-ear-headphones' AND status = 'Published'"));
        Assert.Equal("1", await retail.QueryAsync("SELECT count(*) FROM order_lines"));
        Assert.Equal("0", await retail.QueryAsync(Balanced));
        // Once more: what is archived is left alone.
        Assert.Equal(0, (await retail.RunAsync("populate-products", "--clear", "--force")).ExitCode);
        Assert.Equal("11", await retail.QueryAsync("SELECT count(*) FROM products"));
    }

    [Fact]
    public async Task Generated_products_are_whole_numbered_on_and_always_the_same()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        Assert.Contains("Generated 2,100 products.", (await retail.RunAsync("populate-products", "--count", "2100")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await retail.RunAsync("populate-products", "--count", "100")).ExitCode);
        Assert.Equal("2210", await retail.QueryAsync("SELECT count(*) FROM products"));
        Assert.Equal("generated:2200", await retail.QueryAsync("SELECT external_id FROM products WHERE slug LIKE '%-2200'"));
        Assert.Equal("0", await retail.QueryAsync("SELECT count(*) FROM products p WHERE NOT EXISTS (SELECT 1 FROM variants v JOIN stock_items s ON s.variant_id = v.id WHERE v.product_id = p.id)"));
        Assert.Equal("0", await retail.QueryAsync(Balanced));
        const string content = "SELECT md5(string_agg(slug || name || brand || description, '' ORDER BY slug)) FROM products WHERE external_id LIKE 'generated:%'";
        var before = await retail.QueryAsync(content);
        await retail.RunAsync("populate-products", "--clear", "--count", "2200");
        Assert.Equal(before, await retail.QueryAsync(content));
        Assert.Equal(1, (await retail.RunAsync("populate-products", "--count", "0")).ExitCode);
    }
}
