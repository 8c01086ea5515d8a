using System.Diagnostics;

namespace Retail.Bench.Orders;

/// <summary>The rows of an order, written as plainly as SQL can: no key is looked up, no stock locked, nothing sent but the statement.</summary>
internal static class PlainRows
{
    private const int Batch = 300;

    /// <summary>The ceiling: as fast as one connection writes them.</summary>
    public static async Task<Measured> MeasureAsync(BenchStore store, int variants, TimeSpan time)
    {
        await using var connection = await store.Database.OpenConnectionAsync();
        var sql = Sql(Batch, "Placed", variants);
        var (clock, batches) = (Stopwatch.StartNew(), 0);
        for (; clock.Elapsed < time; batches++)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
        return new(batches * Batch / clock.Elapsed.TotalSeconds, clock.Elapsed.TotalMilliseconds / batches, 0, batches * Batch, 0);
    }

    /// <param name="orders">How many in one commit.</param>
    /// <param name="status">Of each order.</param>
    /// <param name="variants">Over how many variants they spread.</param>
    /// <param name="later">So many come after them, ten a second; the last of all comes now.</param>
    public static string Sql(int orders, string status, int variants, int later = 0) => $"""
        CREATE TEMP TABLE IF NOT EXISTS goods AS
            SELECT row_number() OVER (ORDER BY v.id) - 1 AS nr, v.id AS variant, v.sku, p.name FROM (SELECT * FROM variants ORDER BY id LIMIT 1000) v JOIN products p ON p.id = v.product_id;
        WITH batch AS MATERIALIZED (
            SELECT (lpad(to_hex(floor(extract(epoch FROM t.at) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16, 3) || right(gen_random_uuid()::text, 17))::uuid AS id,
                (lpad(to_hex(floor(extract(epoch FROM t.at) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16, 3) || right(gen_random_uuid()::text, 17))::uuid AS payment,
                t.at, g.*
            FROM generate_series(1, {orders}) n CROSS JOIN LATERAL (SELECT now() - interval '100 ms' * ({later} + {orders} - n) AS at) t JOIN goods g ON g.nr = n % {variants} ORDER BY n
        ), o AS (
            INSERT INTO orders (id, idempotency_key, request_hash, email, phone, shipping_method, shipping_address_name, shipping_address_line1, shipping_address_line2,
                shipping_address_city, shipping_address_region, shipping_address_postcode, shipping_address_country, subtotal_amount, shipping_amount, total_amount,
                subtotal_currency, shipping_currency, total_currency, status, placed_at)
            SELECT b.id, 'cart-' || replace(b.id::text, '-', ''), repeat('0', 64), 'buyer@example.com', '', 'standard', 'Ada Buyer', '1 Mill Lane', '', 'Ely', '', 'CB7 4AA', 'GB', 20, 4.90, 24.90,
                'USD', 'USD', 'USD', '{status}', b.at FROM batch b
        ), l AS (
            INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, line_total_amount, unit_price_currency, line_total_currency)
            SELECT b.id, 1, b.variant, b.sku, b.name, '', 1, 20, 20, 'USD', 'USD' FROM batch b
        ), p AS (
            INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, started_at, tries)
            SELECT b.payment, b.id, 24.90, 'USD', '{(status == "Paid" ? "Captured" : "Started")}', 'pm_card_visa', 'visa', '4242', b.at, 0 FROM batch b
        ), t AS (
            INSERT INTO order_transitions (order_id, from_status, to_status, by, why, at) SELECT b.id, NULL, 'Placed', 'shopper', 'Order placed', b.at FROM batch b
        ), w AS (
            INSERT INTO outbox (kind, key, ordering_key, status, created_at, due_at, tries)
            SELECT 'settle-payment', b.id::text, b.id::text, '{(status == "Paid" ? "Done" : "Waiting")}', b.at, b.at + interval '30 s', 0 FROM batch b
        )
        INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at)
        SELECT b.variant, 'Reserved', 0, 1, b.id, '', b.at FROM batch b
        """;
}
