using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics;

namespace Retail.Core.Jobs.Outbox;

/// <summary>
/// Keeps the outbox's promises: each kind in a lane of its own, so that mail never holds up money. Rows are closed only when their
/// handler has returned; handlers are idempotent by key, so a row that is handed out twice does no harm.
/// </summary>
public sealed class OutboxRelay : IDisposable
{
    private readonly IReadOnlyList<OutboxLane> _lanes;

    /// <summary>Makes a lane for each handler that there is.</summary>
    public OutboxRelay(IServiceProvider services, NpgsqlDataSource database, WorkerIdentity worker, TimeProvider clock, ILogger<OutboxRelay> logger)
    {
        using var scope = services.CreateScope();
        var store = new OutboxStore(database, worker, clock);
        var metrics = services.GetRequiredService<MetricRecorder>();
        var only = services.GetRequiredService<IOptions<JobsOptions>>().Value.OnlyPromises;
        _lanes = [.. scope.ServiceProvider.GetServices<IOutboxHandler>().Where(handler => only.Count == 0 || only.Contains(handler.Kind))
            .Select(handler => new OutboxLane(new OutboxKeeper(handler, services, clock, logger), store, new WaitTally(handler.Kind, metrics, clock), clock, logger))];
        if (_lanes.GroupBy(lane => lane.Kind).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new InvalidOperationException($"Two handlers keep {twice.Key}.");
    }

    /// <summary>Works until it is told to stop.</summary>
    /// <param name="grace">How long handlers may go on then; what is left is given back.</param>
    /// <param name="stopping">No more is taken from then on.</param>
    public Task RunAsync(TimeSpan grace, CancellationToken stopping) => Task.WhenAll(_lanes.Select(lane => lane.RunAsync(grace, stopping)));

    /// <summary>Promises were made.</summary>
    /// <param name="kinds">Of which kinds, with commas; empty when nobody knows.</param>
    public void Wake(string kinds)
    {
        var named = kinds.Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (var lane in _lanes)
            if (named.Length == 0 || named.Contains(lane.Kind)) lane.Wake();
    }

    /// <summary>Takes what is due of each kind once, and keeps it; answers how many rows it took.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var taken = 0;
        foreach (var lane in _lanes) taken += await lane.RunOnceAsync(ct);
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in _lanes) lane.Dispose();
    }
}
