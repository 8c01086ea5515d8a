using Microsoft.Extensions.Hosting;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Payments;

/// <summary>Writes each change of the payment circuit down as a metric row; the log line is the pipeline's own.</summary>
public sealed class CircuitRecorder(GatewayPipeline pipeline, MetricRecorder metrics) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        pipeline.Changed += Record;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        pipeline.Changed -= Record;
        return Task.CompletedTask;
    }

    private void Record(CircuitState from, CircuitState to) =>
        metrics.Record(MetricTypes.CircuitBreakerState, Value(to), new { from = from.MetricName(), to = to.MetricName(), state = to.MetricName() });

    private static double Value(CircuitState state) => state switch
    {
        CircuitState.Closed => 0,
        CircuitState.HalfOpen => 1,
        CircuitState.Open => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
    };
}
