using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Retail.Core.Metrics.Sampling;

/// <summary>When this process began.</summary>
internal static class ProcessStart
{
    /// <summary>On the clock of <see cref="Environment.TickCount64"/>, in seconds.</summary>
    public static readonly double AtTickSeconds = Read();

    public static double SecondsAgo => Environment.TickCount64 / 1000.0 - AtTickSeconds;

    private static double Read()
    {
        using var process = Process.GetCurrentProcess();
        return Environment.TickCount64 / 1000.0 - (TimeProvider.System.GetUtcNow() - process.StartTime.ToUniversalTime()).TotalSeconds;
    }
}

/// <summary>Records once how long it took from the start of the process until it was ready: listening, migrated, catalogue read.</summary>
public sealed class StartupMetric(IHostApplicationLifetime lifetime, IEnumerable<IReadyWhen> conditions, NodeRole role, MetricRecorder metrics) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var waits = conditions.ToArray();
        while (!lifetime.ApplicationStarted.IsCancellationRequested || !Array.TrueForAll(waits, w => w.IsReady))
        {
            await Task.Delay(Look, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
        }
        // Nobody had to do anything by hand, or it would not be ready.
        metrics.Record(MetricTypes.StartupSeconds, Math.Round(ProcessStart.SecondsAgo, 3), new { role = role.Role, manual_steps = 0 });
    }
}
