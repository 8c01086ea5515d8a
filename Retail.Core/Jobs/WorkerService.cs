using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Retail.Core.Jobs.Outbox;
using Retail.Core.Jobs.Runs;

namespace Retail.Core.Jobs;

/// <summary>
/// The worker: outbox and jobs, as long as its host lives. When the host stops it takes nothing more, lets what has begun come to
/// its end for a while, and hands the rest back, so that another worker goes on at once.
/// </summary>
internal sealed class WorkerService(OutboxRelay relay, WorkerBell bell, WorkerHeart heart, IJobEngine engine, JobRunner runner, JobRegistry registry, IOptions<JobsOptions> options)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var grace = options.Value.StopGrace;
        var doesJobs = options.Value.OnlyPromises.Count == 0;
        if (doesJobs) await engine.StartAsync(registry.All, stoppingToken);
        // The heart beats until the last: what this worker is still at must not be taken from it.
        using var last = new CancellationTokenSource();
        var beating = heart.RunAsync(last.Token);
        var listening = bell.RunAsync(stoppingToken);
        await relay.RunAsync(grace, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (doesJobs) await engine.StandByAsync(CancellationToken.None);
        await runner.FinishAsync(grace);
        await last.CancelAsync();
        await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await heart.LeaveAsync();
    }
}
