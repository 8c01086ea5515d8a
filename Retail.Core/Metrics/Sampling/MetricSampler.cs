using Microsoft.Extensions.Hosting;

namespace Retail.Core.Metrics.Sampling;

/// <summary>Asks all sources each ten seconds, so that what happens often costs one row a span and not one each time.</summary>
public sealed class MetricSampler(IEnumerable<IMetricSource> sources, MetricRecorder metrics, TimeProvider clock) : BackgroundService
{
    /// <summary>The span of one row.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly IMetricSource[] _sources = [.. sources];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Window, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) RecordAll();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            RecordAll();
        }
    }

    /// <summary>Asks all sources now.</summary>
    public void RecordAll()
    {
        foreach (var source in _sources) source.Record(metrics);
    }
}
