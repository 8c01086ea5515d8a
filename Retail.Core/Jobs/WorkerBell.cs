using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Jobs.Outbox;

namespace Retail.Core.Jobs;

/// <summary>Hears from the database that something was promised or asked for, in whichever process; the sweeps are the net beneath it.</summary>
internal sealed class WorkerBell(NpgsqlDataSource database, OutboxRelay relay, IJobEngine engine, ILogger<WorkerBell> logger)
{
    internal const string Promised = "outbox";
    private const string Asked = "jobs";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10), Shortly = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stopping);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                logger.DatabaseAway(e);
                await Task.Delay(TimeSpan.FromSeconds(1), stopping);
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var asked = true;
        var wait = LongestWait;
        connection.Notification += (_, notice) =>
        {
            if (notice.Channel == Promised) relay.Wake(notice.Payload);
            else asked = true;
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Promised}; LISTEN {Asked}", connection)) await listen.ExecuteNonQueryAsync(ct);
        relay.Wake("");   // whatever was promised while nobody listened
        while (true)
        {
            // Once more shortly after: an engine that was just looking may have missed the first call.
            if (asked || wait == Shortly) await engine.WakeAsync(ct);
            (wait, asked) = (asked ? Shortly : LongestWait, false);
            // A wait with an end and a question after it finds a connection that died in silence.
            if (!await connection.WaitAsync(wait, ct) && wait == LongestWait)
                await using (var alive = new NpgsqlCommand("SELECT 1", connection)) await alive.ExecuteScalarAsync(ct);
        }
    }
}
