using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Jobs;

/// <summary>
/// Keeps the outbox's promises. A row is leased, not locked, while its handler runs: if this process dies, the lease runs out
/// and another worker takes the row. Handlers are idempotent by key, so a lease that ran out early does no harm.
/// </summary>
public sealed class OutboxRelay(NpgsqlDataSource database, IServiceScopeFactory scopes, TimeProvider clock, ILogger<OutboxRelay> logger) : BackgroundService
{
    /// <summary>After so many tries a promise is dead and waits for an admin: about two days with the longest pauses.</summary>
    public const int MaxTries = 600;

    private const int BatchSize = 50;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);

    private const string Claim = """
        UPDATE outbox SET due_at = $2, tries = tries + 1
        WHERE id IN (SELECT id FROM outbox WHERE status = 'Waiting' AND due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING id, kind, key, tries
        """;

    private const string Close = "UPDATE outbox SET status = $2, due_at = $3, error = $4 WHERE id = $1 AND status = 'Waiting'";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await RunOnceAsync(stoppingToken) == 0) await Task.Delay(Sweep, clock, stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                logger.DatabaseAway(e);
                await Task.Delay(Sweep, clock, stoppingToken);
            }
        }
    }

    /// <summary>Takes what is due and keeps it; answers how many rows it took.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var due = await ClaimAsync(ct);
        foreach (var row in due)
        {
            ct.ThrowIfCancellationRequested();
            await KeepAsync(row, ct);
        }
        return due.Count;
    }

    private async Task<List<Due>> ClaimAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var claim = database.CreateCommand(Claim);
        claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + Lease });
        claim.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchSize });
        await using var reader = await claim.ExecuteReaderAsync(ct);
        var due = new List<Due>();
        while (await reader.ReadAsync(ct)) due.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3)));
        return due;
    }

    private async Task KeepAsync(Due row, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var handler = scope.ServiceProvider.GetServices<IOutboxHandler>().FirstOrDefault(h => h.Kind == row.Kind)
                ?? throw new InvalidOperationException($"Nothing handles {row.Kind}.");
            await handler.HandleAsync(row.Key, ct);
            await CloseAsync(row, OutboxStatus.Done, TimeSpan.Zero, null);
        }
        catch (TryLaterException e)
        {
            await CloseAsync(row, OutboxStatus.Waiting, Pause(row.Tries), e.Message);
        }
        // A handler may fail in any way; the promise stays, with the reason, and the others go on.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.Failed(e, row.Kind, row.Key, row.Tries);
            await CloseAsync(row, row.Tries >= MaxTries ? OutboxStatus.Dead : OutboxStatus.Waiting, Pause(row.Tries), e.Message);
        }
    }

    // Doubling, with a tenth of jitter, so that what failed together does not come back together.
    private static TimeSpan Pause(int tries)
    {
        var seconds = Math.Min(Math.Pow(2, Math.Min(tries, 20)), LongestPause.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.95 + Random.Shared.NextDouble() / 10));
    }

    private async Task CloseAsync(Due row, OutboxStatus status, TimeSpan pause, string? error)
    {
        await using var close = database.CreateCommand(Close);
        close.Parameters.Add(new NpgsqlParameter<long> { TypedValue = row.Id });
        close.Parameters.Add(new NpgsqlParameter<string> { TypedValue = status.ToString() });
        close.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() + pause });
        close.Parameters.Add(new NpgsqlParameter { Value = error is null ? DBNull.Value : Short(error), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await close.ExecuteNonQueryAsync(CancellationToken.None);
    }

    // Not through the middle of a character, which the database would refuse.
    private static string Short(string error) => error.Length <= 1000 ? error : error[..(char.IsHighSurrogate(error[999]) ? 999 : 1000)];

    private sealed record Due(long Id, string Kind, string Key, int Tries);
}
