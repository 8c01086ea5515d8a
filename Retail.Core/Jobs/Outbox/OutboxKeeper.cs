using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Retail.Core.Common.Logs;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics;

namespace Retail.Core.Jobs.Outbox;

/// <summary>Keeps promises of one kind, one at a time: makes the handler in a scope of its own and says what came out.</summary>
internal sealed class OutboxKeeper
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5), Unwinding = TimeSpan.FromSeconds(5);

    // A row that waited so long behind others of its claim is given back: its lease must last for its whole try.
    private static readonly TimeSpan BeginsWithin = TimeSpan.FromSeconds(10);

    private readonly ObjectFactory _make;
    private readonly IServiceScopeFactory _scopes;
    private readonly MetricRecorder _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly int _maxTries;
    private readonly TimeSpan _limit;

    public OutboxKeeper(IOutboxHandler sample, IServiceProvider services, TimeProvider clock, ILogger logger)
    {
        (Kind, AtOnce, _maxTries, _limit) = (sample.Kind, sample.AtOnce, sample.MaxTries, sample.TimeLimit);
        _make = ActivatorUtilities.CreateFactory(sample.GetType(), []);
        _scopes = services.GetRequiredService<IServiceScopeFactory>();
        _metrics = services.GetRequiredService<MetricRecorder>();
        (_clock, _logger) = (clock, logger);
    }

    public string Kind { get; }

    public int AtOnce { get; }

    public TimeSpan Lease => BeginsWithin + _limit + Unwinding + TimeSpan.FromSeconds(5);

    /// <param name="row">What was promised.</param>
    /// <param name="stop">The worker gives up waiting for handlers.</param>
    public async Task<OutboxOutcome> KeepAsync(OutboxRow row, CancellationToken stop)
    {
        var began = _clock.GetUtcNow();
        if (stop.IsCancellationRequested || began - row.TakenAt > BeginsWithin) return GivenBack();
        (RequestScope.RequestId, DrillScope.Current) = (row.RequestId, row.DrillId);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(_limit);
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var work = ((IOutboxHandler)_make(scope.ServiceProvider, [])).HandleAsync(row.Key, limited.Token);
            // Who does not listen to the token is not waited for.
            await (work.IsCompleted ? work : work.WaitAsync(_limit + Unwinding, CancellationToken.None));
            return new(row, OutboxStatus.Done, began, _clock.GetUtcNow());
        }
        catch (TryLaterException e)
        {
            return Again(e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return GivenBack();
        }
        catch (Exception e) when (e is TimeoutException || e is OperationCanceledException && limited.IsCancellationRequested)
        {
            return Failed(e, $"It took longer than {_limit.TotalSeconds:0} s and was broken off.");
        }
        // A handler may fail in any way; the promise stays, with the reason, and the others go on.
        catch (Exception e)
        {
            return Failed(e, e.Message);
        }

        OutboxOutcome GivenBack() => new(row, OutboxStatus.Waiting, began, _clock.GetUtcNow()) { IsGivenBack = true };

        OutboxOutcome Again(string why) => new(row, OutboxStatus.Waiting, began, _clock.GetUtcNow()) { Pause = Backoff.Of(row.Tries, TimeSpan.FromSeconds(2), LongestPause), Error = ShortText.Of(why) };

        OutboxOutcome Failed(Exception e, string why)
        {
            var isDead = row.Tries >= _maxTries;
            if (isDead) _logger.Dead(e, Kind, row.Key, row.Tries);
            else _logger.Failed(e, Kind, row.Key, row.Tries);
            _metrics.Record(MetricTypes.JobRun, (_clock.GetUtcNow() - began).TotalSeconds, new { job = Kind, outcome = isDead ? "dead" : e is OperationCanceledException or TimeoutException ? "timed-out" : "failed", tries = row.Tries });
            return Again(why) with { Status = isDead ? OutboxStatus.Dead : OutboxStatus.Waiting };
        }
    }
}
