using Npgsql;

namespace Retail.Core.Quality.Scenarios.SelfTest;

/// <summary>A small shop whose books balance, for the questions about the store's own tables; and for each question, how to put one thing wrong.</summary>
internal static class PlantedShop
{
    /// <summary>Orders in it: as many as the hungriest question of the catalogue wants.</summary>
    public static async Task PlantAsync(NpgsqlConnection connection, long orders, CancellationToken ct)
    {
        await using var plant = new NpgsqlCommand(Shop.Replace("{orders}", $"{orders}", StringComparison.Ordinal), connection);
        await plant.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What makes each question find something. Questions about the program are answered by <see cref="PlantedProgram"/>.</summary>
    public static readonly IReadOnlyDictionary<string, string> Wrongs = new Dictionary<string, string>
    {
        // As by hand: without its constraint, one unit more than there ever was.
        ["oversold_units"] = """
            ALTER TABLE stock_items DROP CONSTRAINT ck_stock_items_reserved;
            UPDATE order_lines SET quantity = quantity + (SELECT on_hand - reserved FROM stock_items) + 1 WHERE order_id = (SELECT id FROM orders ORDER BY number LIMIT 1)
            """,
        ["stock_differences"] = "UPDATE stock_items SET on_hand = on_hand + 1",
        ["payment_success_rate"] = "UPDATE payments SET status = 'Abandoned', code = 'no_answer_in_time', gateway_id = NULL WHERE id IN (SELECT id FROM payments ORDER BY id LIMIT (SELECT count(*) / 2 FROM payments))",
        ["orders_sharing_a_key"] = """
            DROP INDEX ix_orders_idempotency_key;
            UPDATE orders SET idempotency_key = 'the-same' WHERE number IN (SELECT number FROM orders ORDER BY number LIMIT 2)
            """,
        ["orders_charged_twice"] = """
            INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, gateway_id, started_at, tries)
            SELECT gen_random_uuid(), order_id, amount_amount, amount_currency, 'Captured', method_id, card_brand, card_last4, 'pi_again', started_at, 1 FROM payments ORDER BY id LIMIT 1
            """,
        ["paid_without_payment"] = "UPDATE payments SET gateway_id = NULL WHERE id = (SELECT id FROM payments ORDER BY id LIMIT 1)",
        ["order_total_differences"] = "UPDATE orders SET total_amount = total_amount + 1 WHERE number = (SELECT min(number) FROM orders)",
        ["recorded_secrets"] = "UPDATE recorded_requests SET target = '/account/reset?email=a%40example.com&token=c2VjcmV0' WHERE id = (SELECT id FROM recorded_requests ORDER BY id LIMIT 1)",
        ["orphan_rows"] = "DELETE FROM order_lines WHERE order_id = (SELECT id FROM orders ORDER BY number LIMIT 1)",
    };

    private const string Shop = """
        INSERT INTO recorded_requests (id, route, target, is_masked, accept, status, content_type, shape, request_id, recorded_at)
        SELECT gen_random_uuid(), '/account/reset', '/account/reset?token=***&q=40063813339312', true, 'text/html', 200, 'text/html', '', 'selftest', now() - interval '10 minutes' FROM generate_series(1, {orders}) n;
        INSERT INTO categories (id, slug, name, description, position) VALUES ('00000000-0000-0000-0000-0000000000c1', 'selftest', 'Selftest', '', 0);
        INSERT INTO products (id, slug, name, brand, category_id, description, attributes, option_names, status, featured, rating_average, rating_count, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-0000000000b1', 'selftest', 'Selftest', '', '00000000-0000-0000-0000-0000000000c1', '', '[]', '{}', 'Draft', false, 0, 0, now(), now());
        INSERT INTO variants (id, product_id, sku, options, position, price_amount, price_currency)
        VALUES ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000b1', 'SELFTEST', '{}', 0, 10, 'USD');
        INSERT INTO stock_items (variant_id, on_hand, reserved) VALUES ('00000000-0000-0000-0000-0000000000a1', 5, 0);
        INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at)
        VALUES ('00000000-0000-0000-0000-0000000000a1', 'Adjusted', {orders} + 5, 0, 'selftest', now() - interval '1 hour');
        INSERT INTO orders (id, number, email, phone, shipping_method, status, idempotency_key, request_hash, placed_at, shipping_address_name, shipping_address_line1, shipping_address_line2,
            shipping_address_city, shipping_address_region, shipping_address_postcode, shipping_address_country,
            subtotal_amount, subtotal_currency, shipping_amount, shipping_currency, total_amount, total_currency)
        SELECT gen_random_uuid(), n, 'selftest@example.com', '', 'standard', 'Paid', 'selftest-' || n, '', now() - interval '30 minutes', 'Selftest', 'Line 1', '', 'Town', '', '1', 'US', 10, 'USD', 5, 'USD', 15, 'USD'
        FROM generate_series(1, {orders}) n;
        INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, unit_price_currency, line_total_amount, line_total_currency)
        SELECT id, 1, '00000000-0000-0000-0000-0000000000a1'::uuid, 'SELFTEST', 'Selftest', '', 1, 10, 'USD', 10, 'USD' FROM orders;
        INSERT INTO order_transitions (order_id, from_status, to_status, by, why, at)
        SELECT id, 'Placed', 'Paid', 'selftest', 'Payment captured', placed_at FROM orders;
        INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, gateway_id, started_at, answered_at, tries)
        SELECT gen_random_uuid(), id, 15, 'USD', 'Captured', 'pm', 'visa', '4242', 'pi_' || number, placed_at, placed_at, 1 FROM orders;
        INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at)
        SELECT '00000000-0000-0000-0000-0000000000a1'::uuid, 'Reserved', 0, 1, id, '', placed_at FROM orders
        UNION ALL SELECT '00000000-0000-0000-0000-0000000000a1'::uuid, 'Sold', -1, -1, id, '', placed_at FROM orders;
        """;
}
