using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Retail.Core.Common;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Quality.Drills;

/// <summary>Where an admin's page hands in a drill: it runs in this process, beside the requests, and the page looks on.</summary>
public sealed class DrillDesk(DrillRunner runner) : BackgroundService
{
    private readonly Channel<DrillTurn> _turns = Channel.CreateUnbounded<DrillTurn>();

    /// <summary>Begins a drill; it runs on when this returns.</summary>
    /// <returns>The drill's key, or why it can't be.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Guid>> StartAsync(DrillWish wish, CancellationToken ct)
    {
        var turn = await runner.BeginAsync(wish, ct);
        if (turn.Error is { } refusal) return refusal;
        await _turns.Writer.WriteAsync(turn.Value, CancellationToken.None);
        return turn.Value.Id;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var turn in _turns.Reader.ReadAllAsync(stoppingToken))
                await using (turn) await runner.RunAsync(turn, new NobodyListens(), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A drill that was under way has been stopped and cleared away by its runner.
        }
    }

    private sealed class NobodyListens : IProgress<DrillStep>
    {
        public void Report(DrillStep value) { }
    }
}
