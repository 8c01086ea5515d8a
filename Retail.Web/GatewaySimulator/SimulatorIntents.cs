using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;

namespace Retail.Web.GatewaySimulator;

/// <summary>A charge in the simulator's books, in the gateway's shape.</summary>
internal sealed record Intent(
    string Id, long Amount, string Currency, string Status, string PaymentMethod, string Metadata, string? LastPaymentError,
    string? LatestCharge, DateTimeOffset CreatedAt, DateTimeOffset? CanceledAt)
{
    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["object"] = "payment_intent",
        ["amount"] = Amount,
        ["amount_received"] = Status == "succeeded" ? Amount : 0,
        ["currency"] = Currency,
        ["status"] = Status,
        ["payment_method"] = PaymentMethod,
        ["payment_method_types"] = new JsonArray("card"),
        ["capture_method"] = "automatic",
        ["confirmation_method"] = "automatic",
        ["latest_charge"] = LatestCharge,
        ["last_payment_error"] = LastPaymentError is null ? null : JsonNode.Parse(LastPaymentError),
        ["metadata"] = JsonNode.Parse(Metadata),
        ["created"] = CreatedAt.ToUnixTimeSeconds(),
        ["canceled_at"] = CanceledAt?.ToUnixTimeSeconds(),
        ["livemode"] = false,
    };
}

/// <summary>The rows of charges, refunds and cards; each call is one statement on the caller's connection.</summary>
internal static class SimulatorIntents
{
    private const string Columns = "id, amount, currency, status, payment_method, metadata::text, last_payment_error::text, latest_charge, created_at, canceled_at";

    public static Task AddIntentAsync(this NpgsqlConnection books, Intent intent) => books.ExecuteAsync(
        "INSERT INTO simulator.payment_intents VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        intent.Id, intent.Amount, intent.Currency, intent.Status, intent.PaymentMethod, Json(intent.Metadata), Json(intent.LastPaymentError),
        intent.LatestCharge, intent.CreatedAt, intent.CanceledAt);

    /// <summary>Reads a charge and holds it until the transaction ends.</summary>
    public static async Task<Intent?> TakeIntentAsync(this NpgsqlConnection books, string id) =>
        (await books.ReadAsync($"SELECT {Columns} FROM simulator.payment_intents WHERE id = $1 FOR UPDATE", id)).FirstOrDefault();

    public static async Task<Intent?> FindIntentAsync(this NpgsqlConnection books, string id) =>
        (await books.ReadAsync($"SELECT {Columns} FROM simulator.payment_intents WHERE id = $1", id)).FirstOrDefault();

    public static Task<List<Intent>> FindIntentsAsync(this NpgsqlConnection books, string orderId) => books.ReadAsync(
        $"SELECT {Columns} FROM simulator.payment_intents WHERE metadata ->> 'order_id' = $1 ORDER BY created_at DESC, id LIMIT 100", orderId);

    public static Task CancelIntentAsync(this NpgsqlConnection books, string id, DateTimeOffset now) => books.ExecuteAsync(
        "UPDATE simulator.payment_intents SET status = 'canceled', canceled_at = $2 WHERE id = $1", id, now);

    public static Task AddMethodAsync(this NpgsqlConnection books, string id, TestCard card, DateTimeOffset now) => books.ExecuteAsync(
        "INSERT INTO simulator.payment_methods VALUES ($1, $2, $3, $4, $5)", id, card.Brand, card.Last4, card.Behaviour.ToString(), now);

    public static async Task<CardBehaviour?> FindBehaviourAsync(this NpgsqlConnection books, string method) =>
        TestCards.WithToken(method)?.Behaviour
        ?? (await books.ScalarAsync("SELECT behaviour FROM simulator.payment_methods WHERE id = $1", method) is string name ? Enum.Parse<CardBehaviour>(name) : null);

    public static async Task<long> RefundedAsync(this NpgsqlConnection books, string intent) =>
        (long)(await books.ScalarAsync("SELECT coalesce(sum(amount), 0)::bigint FROM simulator.refunds WHERE payment_intent = $1", intent))!;

    public static Task AddRefundAsync(this NpgsqlConnection books, string id, string intent, long amount, string? reason, string metadata, DateTimeOffset now) =>
        books.ExecuteAsync("INSERT INTO simulator.refunds VALUES ($1, $2, $3, $4, $5, $6)", id, intent, amount, reason, Json(metadata), now);

    public static async Task<List<JsonObject>> FindRefundsAsync(this NpgsqlConnection books, string intent)
    {
        await using var command = Command(books, "SELECT id, amount, reason, metadata::text, created_at FROM simulator.refunds WHERE payment_intent = $1 ORDER BY created_at DESC, id", intent);
        await using var row = await command.ExecuteReaderAsync();
        var found = new List<JsonObject>();
        while (await row.ReadAsync())
        {
            found.Add(new()
            {
                ["id"] = row.GetString(0),
                ["object"] = "refund",
                ["amount"] = row.GetInt64(1),
                ["payment_intent"] = intent,
                ["reason"] = row.IsDBNull(2) ? null : row.GetString(2),
                ["status"] = "succeeded",
                ["metadata"] = JsonNode.Parse(row.GetString(3)),
                ["created"] = row.GetFieldValue<DateTimeOffset>(4).ToUnixTimeSeconds(),
            });
        }
        return found;
    }

    private static NpgsqlParameter Json(string? text) => new() { Value = text ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static async Task<List<Intent>> ReadAsync(this NpgsqlConnection books, string sql, string value)
    {
        await using var command = Command(books, sql, value);
        await using var row = await command.ExecuteReaderAsync();
        var found = new List<Intent>();
        while (await row.ReadAsync())
        {
            found.Add(new(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
                row.IsDBNull(6) ? null : row.GetString(6), row.IsDBNull(7) ? null : row.GetString(7),
                row.GetFieldValue<DateTimeOffset>(8), row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9)));
        }
        return found;
    }

    private static async Task ExecuteAsync(this NpgsqlConnection books, string sql, params object?[] values)
    {
        await using var command = Command(books, sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(this NpgsqlConnection books, string sql, string value)
    {
        await using var command = Command(books, sql, value);
        return await command.ExecuteScalarAsync();
    }

    private static NpgsqlCommand Command(NpgsqlConnection books, string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, books);
        foreach (var value in values) command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value ?? DBNull.Value });
        return command;
    }
}
