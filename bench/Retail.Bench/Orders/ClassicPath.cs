using Npgsql;

namespace Retail.Bench.Orders;

/// <summary>What most shops do: each order its own transaction, which locks the stock row, looks, inserts, updates and commits.</summary>
internal sealed class ClassicPath(string connectionString, int pool) : IAsyncDisposable
{
    private static readonly string[] Inserts =
    [
        """
        INSERT INTO orders (id, idempotency_key, request_hash, email, phone, shipping_method, shipping_address_name, shipping_address_line1, shipping_address_line2,
            shipping_address_city, shipping_address_region, shipping_address_postcode, shipping_address_country, subtotal_amount, shipping_amount, total_amount,
            subtotal_currency, shipping_currency, total_currency, status, placed_at)
        VALUES ($1, $2, repeat('0', 64), 'buyer@example.com', '', 'standard', 'Ada Buyer', '1 Mill Lane', '', 'Ely', '', 'CB7 4AA', 'GB', $3, 4.90, $3 + 4.90, 'USD', 'USD', 'USD', 'Placed', now())
        RETURNING number
        """,
        """
        INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, line_total_amount, unit_price_currency, line_total_currency)
        VALUES ($1, 1, $2, $3, $4, '', 1, $5, $5, 'USD', 'USD')
        """,
        "INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, started_at, tries) VALUES ($1, $2, $3 + 4.90, 'USD', 'Started', 'pm_card_visa', 'visa', '4242', now(), 0)",
        "INSERT INTO order_transitions (order_id, from_status, to_status, by, why, at) VALUES ($1, NULL, 'Placed', 'shopper', 'Order placed', now())",
        "INSERT INTO outbox (kind, key, ordering_key, status, created_at, due_at, tries) VALUES ('settle-payment', $1::uuid::text, $1::uuid::text, 'Waiting', now(), now() + interval '30 s', 0)",
        "INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at) VALUES ($1, 'Reserved', 0, 1, $2, '', now())",
        "UPDATE stock_items SET reserved = reserved + 1 WHERE variant_id = $1",
    ];

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = pool, MinPoolSize = pool, Timeout = 60 });

    public async Task<bool> PlaceAsync(string key, Guid variant)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        string sku, name;
        decimal price;
        await using (var look = Command(connection,
            "SELECT v.sku, p.name, v.price_amount FROM stock_items s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id WHERE s.variant_id = $1 AND s.on_hand > s.reserved FOR NO KEY UPDATE OF s", variant))
        await using (var reader = await look.ExecuteReaderAsync())
        {
            if (!await reader.ReadAsync()) return false;
            (sku, name, price) = (reader.GetString(0), reader.GetString(1), reader.GetDecimal(2));
        }
        var (id, payment) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        object[][] values = [[id, key, price], [id, variant, sku, name, price], [payment, id, price], [id], [id], [variant, id], [variant]];
        for (var i = 0; i < Inserts.Length; i++)
        {
            await using var insert = Command(connection, Inserts[i], values[i]);
            await insert.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
        return true;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
