using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Retail.Core.Jobs.Outbox;

/// <summary>
/// Keeps one kind of promise, many at a time. It takes about half a second's work at once, and closes whatever came out meanwhile
/// with the next taking: one transaction for both, however many rows.
/// </summary>
internal sealed class OutboxLane(OutboxKeeper keeper, OutboxStore store, WaitTally waits, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int MostTaken = 2000;
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1), Gathering = TimeSpan.FromMilliseconds(5), WorkTaken = TimeSpan.FromMilliseconds(500);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<OutboxRow> _in = Channel.CreateUnbounded<OutboxRow>();
    private readonly ConcurrentQueue<OutboxOutcome> _out = new();
    private readonly CancellationTokenSource _givingUp = new();
    private int _inside;
    private double _seconds = WorkTaken.TotalSeconds;

    public string Kind => keeper.Kind;

    /// <summary>Something of this kind may be due.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Works until it is told to stop; then lets what has begun come to its end, for so long, and gives the rest back.</summary>
    public async Task RunAsync(TimeSpan grace, CancellationToken stopping)
    {
        var consumers = Enumerable.Range(0, keeper.AtOnce).Select(_ => Task.Run(ConsumeAsync, CancellationToken.None)).ToList();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await TurnAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or IOException or TimeoutException)
            {
                logger.DatabaseAway(e);
                await Task.Delay(Sweep, clock, CancellationToken.None);
            }
        }
        _givingUp.CancelAfter(grace);
        _in.Writer.Complete();
        await Task.WhenAll(consumers);
        await CloseAsync();
        waits.Tell(isLast: true);
    }

    /// <summary>Takes what is due once, keeps it and closes it; answers how many rows it took.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var rows = await store.ExchangeAsync(Kind, [], MostTaken, keeper.Lease, ct);
        _inside += rows.Count;
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = keeper.AtOnce, CancellationToken = CancellationToken.None }, async (row, _) => await KeepAsync(row));
        await CloseAsync();
        return rows.Count;
    }

    public void Dispose() => _givingUp.Dispose();

    private async Task TurnAsync(CancellationToken stopping)
    {
        var most = (int)Math.Clamp(keeper.AtOnce * WorkTaken.TotalSeconds / _seconds, keeper.AtOnce, MostTaken);
        var room = most - Volatile.Read(ref _inside);
        var taken = await ExchangeAsync(Math.Max(0, room), stopping);
        Interlocked.Add(ref _inside, taken.Count);
        foreach (var row in taken) _in.Writer.TryWrite(row);
        waits.Tell();
        if (taken.Count > 0 && taken.Count == room) await GatherAsync(most, stopping);
        else if (_out.IsEmpty) await SleepAsync(stopping);
    }

    // There is more to take: once half of this is done, that and the next half go in one transaction.
    private async Task GatherAsync(int most, CancellationToken stopping)
    {
        while (Volatile.Read(ref _inside) is var inside && inside > 0 && inside > most / 2)
        {
            if (!_out.IsEmpty) await Task.Delay(Gathering, CancellationToken.None);
            if (Volatile.Read(ref _inside) < inside) return;
            await SleepAsync(stopping);
        }
    }

    private async Task SleepAsync(CancellationToken stopping)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        until.CancelAfter(Sweep);
        try
        {
            await _wake.Reader.ReadAsync(until.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The sweep: a retry may be due, or a notice was lost.
        }
    }

    private async Task<List<OutboxRow>> ExchangeAsync(int room, CancellationToken ct)
    {
        var outcomes = new List<OutboxOutcome>();
        while (_out.TryDequeue(out var outcome)) outcomes.Add(outcome);
        try
        {
            return await store.ExchangeAsync(Kind, outcomes, room, keeper.Lease, ct);
        }
        catch
        {
            foreach (var outcome in outcomes) _out.Enqueue(outcome);
            throw;
        }
    }

    private async Task CloseAsync()
    {
        try
        {
            await ExchangeAsync(0, CancellationToken.None);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or IOException or TimeoutException)
        {
            // The leases run out, and the rows are kept again: that does nothing twice.
            logger.DatabaseAway(e);
        }
    }

    private async Task ConsumeAsync()
    {
        await foreach (var row in _in.Reader.ReadAllAsync()) await KeepAsync(row);
    }

    private async Task KeepAsync(OutboxRow row)
    {
        var outcome = await keeper.KeepAsync(row, _givingUp.Token);
        if (!outcome.IsGivenBack)
        {
            waits.Add(outcome.BeganAt - row.DueAt);
            var took = Math.Max((outcome.EndedAt - outcome.BeganAt).TotalSeconds, 0.000_01);
            _seconds += (took - _seconds) / 16;   // one of many at once; exactness is not the point
        }
        _out.Enqueue(outcome);
        Interlocked.Decrement(ref _inside);
        Wake();
    }
}
