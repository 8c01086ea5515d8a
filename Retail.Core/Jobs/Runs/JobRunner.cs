using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Retail.Core.Common.Logs;
using Retail.Core.Data.Jobs;
using Retail.Core.Metrics;

namespace Retail.Core.Jobs.Runs;

/// <summary>Runs jobs when the engine says so, and decides what follows: done, another try, or dead. The same for every engine.</summary>
public sealed class JobRunner : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1), Unwinding = TimeSpan.FromSeconds(10);

    private readonly JobRunStore _runs;
    private readonly JobRegistry _registry;
    private readonly IServiceProvider _services;
    private readonly MetricRecorder _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<JobRunner> _logger;
    private readonly CancellationTokenSource _givingUp = new();
    private int _running;

    internal JobRunner(IServiceProvider services)
    {
        _services = services;
        _runs = services.GetRequiredService<JobRunStore>();
        _registry = services.GetRequiredService<JobRegistry>();
        _metrics = services.GetRequiredService<MetricRecorder>();
        _clock = services.GetRequiredService<TimeProvider>();
        _logger = services.GetRequiredService<ILogger<JobRunner>>();
    }

    // The engine calls the runner and the runner the engine; whoever comes first is made first.
    private IJobEngine Engine => _services.GetRequiredService<IJobEngine>();

    /// <summary>A recurring job's turn has come. While its last run is not over, nothing happens; nor while it is paused.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="due">When its turn was, UTC.</param>
    public async Task RunRecurringAsync(string job, DateTimeOffset due)
    {
        if (!_registry.TryFind(job, out _))
        {
            _logger.JobUnknown(job);   // of another release; its workers run it
            return;
        }
        if (await _runs.IsPausedAsync(job, CancellationToken.None)) return;
        var now = _clock.GetUtcNow();
        await RunAsync(await _runs.RecurAsync(Guid.CreateVersion7(now), job, due, now, CancellationToken.None));
    }

    /// <summary>Runs what was asked for, unless another worker has it or it is over. Never throws for the job's sake.</summary>
    public async Task RunAsync(Guid id)
    {
        Interlocked.Increment(ref _running);
        try
        {
            if (_givingUp.IsCancellationRequested) return;
            if (await _runs.TakeAsync(id, _clock.GetUtcNow(), CancellationToken.None) is { } run) await TryAsync(run);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Lets what runs come to its end, for so long; then breaks it off and hands it back, to be run again by another worker.</summary>
    public async Task FinishAsync(TimeSpan grace)
    {
        _givingUp.CancelAfter(grace);
        while (Volatile.Read(ref _running) > 0) await Task.Delay(10);
    }

    /// <inheritdoc/>
    public void Dispose() => _givingUp.Dispose();

    private async Task TryAsync(TakenRun run)
    {
        (RequestScope.RequestId, DrillScope.Current) = (run.RequestId ?? run.Id.ToString(), run.DrillId);
        var began = _clock.GetTimestamp();
        if (!_registry.TryFind(run.Job, out var job))
        {
            await _runs.CloseAsync(run, JobRunStatus.Dead, run.Tries, null, "No worker of this release knows the job.", _clock.GetUtcNow());
            return;
        }
        var definition = job.Definition;
        new Outbox.WaitTally(definition.Name, _metrics, _clock).TellOf(_clock.GetUtcNow() - run.DueAt);
        // Each of its tries ended with its worker: it may be the reason.
        if (run.Tries > definition.MaxTries)
        {
            await EndAsync(run, definition, JobRunStatus.Dead, "dead", "Its worker ended in the middle of it, each time.", began);
            return;
        }
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(_givingUp.Token);
        limited.CancelAfter(definition.TimeLimit);
        try
        {
            await using var scope = _services.CreateAsyncScope();
            // Who does not listen to the token is not waited for.
            await job.RunAsync(scope.ServiceProvider, run.Args, limited.Token).WaitAsync(definition.TimeLimit + Unwinding, CancellationToken.None);
            await EndAsync(run, definition, JobRunStatus.Done, "ok", null, began);
        }
        catch (OperationCanceledException) when (_givingUp.IsCancellationRequested)
        {
            _logger.HandedBack(definition.Name, run.Key);
            await AgainAsync(run, definition, run.Tries - 1, TimeSpan.Zero, "The worker stopped; another one goes on.");
        }
        catch (Exception e) when (e is TimeoutException || e is OperationCanceledException && limited.IsCancellationRequested)
        {
            await FailedAsync(run, definition, e, "timed-out", $"It took longer than {definition.TimeLimit} and was broken off.", began);
        }
        // A job may fail in any way; the run stays, with the reason, and the others go on.
        catch (Exception e)
        {
            await FailedAsync(run, definition, e, "failed", e.Message, began);
        }
    }

    private async Task FailedAsync(TakenRun run, JobDefinition job, Exception e, string outcome, string why, long began)
    {
        if (run.Tries >= job.MaxTries)
        {
            _logger.Dead(e, job.Name, run.Key, run.Tries);
            await EndAsync(run, job, JobRunStatus.Dead, "dead", why, began);
            return;
        }
        _logger.Failed(e, job.Name, run.Key, run.Tries);
        Record(run, job, outcome, began);
        await AgainAsync(run, job, run.Tries, Backoff.Of(run.Tries, job.FirstPause, LongestPause), why);
    }

    private async Task AgainAsync(TakenRun run, JobDefinition job, int tries, TimeSpan pause, string why)
    {
        var now = _clock.GetUtcNow();
        if (!await _runs.CloseAsync(run, JobRunStatus.Waiting, tries, now + pause, ShortText.Of(why), now)) return;
        await Engine.ScheduleAsync(new(run.Id, now + pause, job), CancellationToken.None);
    }

    private async Task EndAsync(TakenRun run, JobDefinition job, JobRunStatus status, string outcome, string? why, long began)
    {
        Record(run, job, outcome, began);
        await _runs.CloseAsync(run, status, run.Tries, null, why is null ? null : ShortText.Of(why), _clock.GetUtcNow());
    }

    private void Record(TakenRun run, JobDefinition job, string outcome, long began) =>
        _metrics.Record(MetricTypes.JobRun, _clock.GetElapsedTime(began).TotalSeconds, new { job = job.Name, outcome, tries = run.Tries });
}
