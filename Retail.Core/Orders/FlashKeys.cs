using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Retail.Core.Orders;

/// <summary>
/// Keys of flash orders that any node took in the last ten minutes, heard of by NOTIFY: a buyer of a last unit who asks another
/// node again is asked after in the store instead of being told "sold out". While nothing is heard, any key may be a known one.
/// </summary>
public sealed class FlashKeys(NpgsqlDataSource database, TimeProvider clock, ILogger<FlashKeys> logger) : BackgroundService
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    /// <summary>What all keys of flash orders begin with.</summary>
    internal const string Prefix = "flash-";

    /// <summary>Tells all nodes of keys that were taken; in the transaction of their orders.</summary>
    internal const string Tell = "SELECT pg_notify('flash_orders', $1)";

    // A notice holds 8,000 bytes; a mark is the beginning of a hash, so two keys that share one cost a question and nothing else.
    private const int MarkLength = 12, MarksInANotice = 500;

    private readonly ConcurrentDictionary<string, DateTimeOffset> _taken = new();
    private volatile bool _hears;

    /// <summary>False: no order stands under this key, as far as the last ten minutes go.</summary>
    public bool MayBeTaken(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return !_hears || _taken.ContainsKey(MarkOf(key));
    }

    /// <summary>The notices that tell of these keys.</summary>
    internal static IEnumerable<string> NoticesOf(IEnumerable<string> keys) =>
        keys.Where(k => k.StartsWith(Prefix, StringComparison.Ordinal)).Select(MarkOf).Chunk(MarksInANotice).Select(marks => string.Join(',', marks));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                logger.FlashKeysUnheard(e);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
            finally
            {
                _hears = false;
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        connection.Notification += (_, notice) => Remember(notice.Payload.Split(','));
        await using (var listen = new NpgsqlCommand("LISTEN flash_orders", connection)) await listen.ExecuteNonQueryAsync(ct);
        // What was taken before anybody listened; only now, so that nothing falls in between.
        await using (var known = new NpgsqlCommand("SELECT idempotency_key FROM orders WHERE placed_at > $1 AND starts_with(idempotency_key, $2)", connection))
        {
            known.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() - Remembered });
            known.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Prefix });
            await using var reader = await known.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) Remember([MarkOf(reader.GetString(0))]);
        }
        _hears = true;
        while (true)
        {
            // A wait with an end and a question after it finds a connection that died in silence.
            if (await connection.WaitAsync(TimeSpan.FromSeconds(10), ct)) continue;
            await using var alive = new NpgsqlCommand("SELECT 1", connection);
            await alive.ExecuteScalarAsync(ct);
            var old = clock.GetUtcNow() - Remembered;
            foreach (var (mark, at) in _taken) if (at < old) _taken.TryRemove(mark, out _);
        }
    }

    private void Remember(IEnumerable<string> marks)
    {
        var now = clock.GetUtcNow();
        foreach (var mark in marks) _taken[mark] = now;
    }

    private static string MarkOf(string key) => key.Length < Prefix.Length + MarkLength ? key : key.Substring(Prefix.Length, MarkLength);
}
