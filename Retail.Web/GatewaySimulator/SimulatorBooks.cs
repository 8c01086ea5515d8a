using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Retail.Core.Common;

namespace Retail.Web.GatewaySimulator;

/// <summary>
/// The simulator's books: a PostgreSQL schema of its own, so that a killed store forgets no charge and all nodes see the same.
/// No card number is ever in them.
/// </summary>
internal sealed class SimulatorBooks(NpgsqlDataSource database) : IDisposable
{
    private const string Tables = """
        SELECT pg_advisory_xact_lock(hashtextextended('simulator schema', 0));
        CREATE SCHEMA IF NOT EXISTS simulator;
        CREATE TABLE IF NOT EXISTS simulator.payment_methods (
            id text PRIMARY KEY, brand text NOT NULL, last4 text NOT NULL, behaviour text NOT NULL, created_at timestamptz NOT NULL);
        CREATE TABLE IF NOT EXISTS simulator.payment_intents (
            id text PRIMARY KEY, amount bigint NOT NULL CHECK (amount > 0), currency text NOT NULL, status text NOT NULL,
            payment_method text NOT NULL, metadata jsonb NOT NULL, last_payment_error jsonb, latest_charge text,
            created_at timestamptz NOT NULL, canceled_at timestamptz);
        CREATE INDEX IF NOT EXISTS ix_payment_intents_order ON simulator.payment_intents ((metadata ->> 'order_id'));
        CREATE TABLE IF NOT EXISTS simulator.refunds (
            id text PRIMARY KEY, payment_intent text NOT NULL REFERENCES simulator.payment_intents, amount bigint NOT NULL CHECK (amount > 0),
            reason text, metadata jsonb NOT NULL, created_at timestamptz NOT NULL);
        CREATE INDEX IF NOT EXISTS ix_refunds_payment_intent ON simulator.refunds (payment_intent);
        CREATE TABLE IF NOT EXISTS simulator.idempotency (
            key text PRIMARY KEY, fingerprint text NOT NULL, status int NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL);
        """;

    /// <summary>As long as the real gateway remembers a key.</summary>
    private static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _making = new(1);
    private volatile bool _made;

    /// <summary>Opens a connection to the books; makes them on first use.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await database.OpenConnectionAsync();
        if (_made) return connection;
        await _making.WaitAsync();
        try
        {
            if (!_made)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await using var make = new NpgsqlCommand(Tables, connection);
                await make.ExecuteNonQueryAsync();
                await transaction.CommitAsync();
                _made = true;
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>
    /// Does a piece of work once for its key, in one transaction with the row that says so: a process that dies in between has done
    /// nothing. The same key with other parameters is an error; with work under way it is a conflict; later it gets the first answer.
    /// Nothing stops it when the caller hangs up: the gateway has the request, so it acts on it.
    /// </summary>
    public async Task<SimulatorAnswer> OnceAsync(HttpRequest request, IFormCollection form, DateTimeOffset now, Func<NpgsqlConnection, Task<SimulatorAnswer>> work)
    {
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 255) return SimulatorAnswer.Invalid("parameter_invalid_string_blank", "The Idempotency-Key is longer than 255 characters.");
        await using var connection = await OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        SimulatorAnswer answer;
        if (key.Length == 0)
        {
            answer = await work(connection);
        }
        else
        {
            var fingerprint = Fingerprint(request, form);
            // Looked up before the lock too, or those who only want the first answer would lock each other out.
            if (await FirstAnswerAsync(connection, key, fingerprint, now) is { } early) return early;
            if (!await TryLockAsync(connection, key))
                return SimulatorAnswer.Error(409, "idempotency_error", "idempotency_key_in_use", "There is currently another in-progress request using this Idempotency-Key.");
            if (await FirstAnswerAsync(connection, key, fingerprint, now) is { } first) return first;
            answer = await work(connection);
            // What was refused before it began is not kept: corrected, it may come again under its key.
            if (answer.Status is 200 or 402) await KeepAsync(connection, key, fingerprint, answer, now);
        }
        await transaction.CommitAsync();
        return answer;
    }

    /// <summary>What became of all charges and refunds.</summary>
    public async Task<IReadOnlyList<BooksRow>> SumUpAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT CASE status WHEN 'succeeded' THEN 'Charged' WHEN 'canceled' THEN 'Called off' ELSE 'Declined' END, upper(currency), count(*), sum(amount) / 100.0
            FROM simulator.payment_intents GROUP BY 1, 2
            UNION ALL SELECT 'Refunded', upper(i.currency), count(*), sum(r.amount) / 100.0 FROM simulator.refunds r JOIN simulator.payment_intents i ON i.id = r.payment_intent GROUP BY 1, 2
            ORDER BY 1, 2
            """, connection);
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<BooksRow>();
        while (await row.ReadAsync()) rows.Add(new(row.GetString(0), row.GetInt64(2), new Money(row.GetDecimal(3), row.GetString(1))));
        return rows;
    }

    public void Dispose() => _making.Dispose();

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, string key)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtextextended('simulator key ' || $1, 0))", connection) { Parameters = { new() { Value = key } } };
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<SimulatorAnswer?> FirstAnswerAsync(NpgsqlConnection connection, string key, string fingerprint, DateTimeOffset now)
    {
        await using var command = new NpgsqlCommand("SELECT fingerprint, status, body FROM simulator.idempotency WHERE key = $1 AND created_at > $2", connection)
        {
            Parameters = { new() { Value = key }, new() { Value = now - KeysKept } },
        };
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync()) return null;
        return row.GetString(0) == fingerprint
            ? new(row.GetInt32(1), row.GetString(2), Replayed: true)
            : SimulatorAnswer.Error(400, "idempotency_error", null, "Keys for idempotent requests can only be used with the same parameters they were first used with.");
    }

    private static async Task KeepAsync(NpgsqlConnection connection, string key, string fingerprint, SimulatorAnswer answer, DateTimeOffset now)
    {
        await using var command = new NpgsqlCommand("INSERT INTO simulator.idempotency VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET (fingerprint, status, body, created_at) = ($2, $3, $4, $5)", connection)
        {
            Parameters = { new() { Value = key }, new() { Value = fingerprint }, new() { Value = answer.Status }, new() { Value = answer.Json }, new() { Value = now } },
        };
        await command.ExecuteNonQueryAsync();
    }

    // Only for requests without a card in them: a digest of a card number is as good as the number.
    private static string Fingerprint(HttpRequest request, IFormCollection form)
    {
        var text = new StringBuilder(request.Path.Value);
        foreach (var (name, value) in form.OrderBy(pair => pair.Key, StringComparer.Ordinal)) text.Append('\n').Append(name).Append('=').Append(value.ToString());
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}

/// <summary>A line of the books' summary.</summary>
internal sealed record BooksRow(string What, long Count, Money Sum);
