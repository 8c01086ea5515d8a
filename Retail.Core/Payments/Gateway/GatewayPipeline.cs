using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Retail.Core.Payments.Gateway;

/// <summary>
/// What stands between the store and the gateway's bad days, outside in: total time, retry of what is transient, circuit breaker,
/// time of one attempt. The breaker is inside the retry, so each attempt counts and an open circuit ends the repeating.
/// </summary>
public sealed class GatewayPipeline
{
    /// <summary>
    /// The key of the pipeline to the card vault. It has a circuit of its own: while charges fail, cards still become tokens, and an
    /// order with a token can wait for its payment without anyone keeping a card number.
    /// </summary>
    public const string CardVault = "card-vault";

    private readonly ResiliencePipeline<GatewayReply> _pipeline;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ILogger<GatewayPipeline> _logger;
    private CircuitState _reported;

    /// <summary>Builds the pipeline; one for charges and one for the card vault in a process, since the circuit is its memory.</summary>
    public GatewayPipeline(IOptions<PaymentsOptions> options, TimeProvider clock, ILogger<GatewayPipeline> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = options.Value;
        _logger = logger;
        var builder = new ResiliencePipelineBuilder<GatewayReply> { TimeProvider = clock };
        builder.AddTimeout(settings.TotalTimeout);
        if (settings.MaxAttempts > 1) builder.AddRetry(Retry(settings));
        _pipeline = builder.AddCircuitBreaker(Breaker(settings)).AddTimeout(settings.AttemptTimeout).Build();
    }

    /// <summary>
    /// Told on each change of the circuit: from, to. Called in the course of a payment: it must be quick and must not throw.
    /// The log line is written already.
    /// </summary>
    public event Action<CircuitState, CircuitState>? Changed;

    /// <summary>The circuit now. Open lasts until a call is made after <see cref="PaymentsOptions.BreakerOpenFor"/>.</summary>
    public CircuitState Current => _breaker.CircuitState switch
    {
        Polly.CircuitBreaker.CircuitState.Closed => CircuitState.Closed,
        Polly.CircuitBreaker.CircuitState.HalfOpen => CircuitState.HalfOpen,
        _ => CircuitState.Open,
    };

    // No caller's token goes in: a shopper who leaves would count as a good answer and keep the circuit closed over a dead gateway.
    internal ValueTask<GatewayReply> RunAsync(Func<CancellationToken, ValueTask<GatewayReply>> attempt) =>
        _pipeline.ExecuteAsync(static (attempt, ct) => attempt(ct), attempt, CancellationToken.None);

    private RetryStrategyOptions<GatewayReply> Retry(PaymentsOptions settings) => new()
    {
        MaxRetryAttempts = settings.MaxAttempts - 1,
        ShouldHandle = args => ValueTask.FromResult(IsOutage(args.Outcome.Exception) || args.Outcome.Result is { CanBeRepeated: true }),
        DelayGenerator = args =>
        {
            var doubled = settings.RetryBaseDelay * Math.Pow(2, args.AttemptNumber);
            var wanted = args.Outcome.Result?.RetryAfter is { } asked && asked > doubled ? asked : doubled;
            var capped = wanted < settings.RetryMaxDelay ? wanted : settings.RetryMaxDelay;
            return ValueTask.FromResult<TimeSpan?>(capped * (1 + settings.RetryJitter * (2 * Random.Shared.NextDouble() - 1)));
        },
        OnRetry = args =>
        {
            _logger.AttemptFailed(args.AttemptNumber + 1, Describe(args.Outcome), (int)args.RetryDelay.TotalMilliseconds);
            return default;
        },
    };

    private CircuitBreakerStrategyOptions<GatewayReply> Breaker(PaymentsOptions settings) => new()
    {
        FailureRatio = 1,
        MinimumThroughput = settings.BreakerFailures,
        SamplingDuration = settings.BreakerWindow,
        BreakDuration = settings.BreakerOpenFor,
        StateProvider = _breaker,
        // A cancelled attempt is one that the total time cut off: a failure like any other time-out.
        ShouldHandle = args => ValueTask.FromResult(
            IsOutage(args.Outcome.Exception) || args.Outcome.Exception is OperationCanceledException || args.Outcome.Result is { IsOutage: true }),
        OnOpened = _ => Report(CircuitState.Open),
        OnHalfOpened = _ => Report(CircuitState.HalfOpen),
        OnClosed = _ => Report(CircuitState.Closed),
    };

    // The breaker calls one after the other, so the field needs no lock.
    private ValueTask Report(CircuitState to)
    {
        var from = _reported;
        _reported = to;
        _logger.CircuitChanged(from.MetricName(), to.MetricName());
        Changed?.Invoke(from, to);
        return default;
    }

    private static bool IsOutage(Exception? exception) => exception is HttpRequestException or IOException or TimeoutRejectedException;

    private static string Describe(Outcome<GatewayReply> outcome) =>
        outcome.Exception is { } exception ? exception.GetType().Name : $"HTTP {outcome.Result?.Status}";
}
