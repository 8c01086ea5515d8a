using System.Diagnostics;
using Npgsql;

namespace Retail.Core.Orders;

/// <summary>
/// The connection of the one writer of orders. It stays open from batch to batch, because a pool clears a session's settings and
/// plans each time it lends it out; after a failure, and after a pause, the next batch gets another one.
/// </summary>
public sealed class BatchConnection(NpgsqlDataSource database) : IAsyncDisposable
{
    /// <summary>Begins the transaction of a batch; sent with its first statement.</summary>
    internal const string Begin = "BEGIN";

    /// <summary>Ends it well; sent with its last.</summary>
    internal const string Commit = "COMMIT";

    /// <summary>Ends one that wrote nothing.</summary>
    internal const string Rollback = "ROLLBACK";

    // A plan made while the tables were small would read all of orders for each batch until the next ANALYZE, a million rows later;
    // and the arrays of a batch need no plan of their own.
    private const string Settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";

    // A connection that nobody used for long may have died in silence.
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(30);

    private NpgsqlConnection? _connection;
    private long _used;

    /// <summary>Does a batch's work. When it throws, its transaction is rolled back and the connection given up.</summary>
    internal async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken ct)
    {
        if (_connection is not null && Stopwatch.GetElapsedTime(_used) > Trusted) await DisposeAsync();
        try
        {
            var result = await work(_connection ??= await OpenAsync(ct));
            _used = Stopwatch.GetTimestamp();
            return result;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the connection back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection) await connection.DisposeAsync();
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        try
        {
            await using var settings = new NpgsqlCommand(Settings, connection);
            await settings.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
