using Retail.Core.Metrics;
using Retail.Core.Metrics.Sampling;

namespace Retail.Web.Infrastructure;

/// <summary>Records requests that went wrong one by one, with the id that finds their log lines: all that a person can look at, and no
/// more, so that a flood of errors does not become a flood of rows.</summary>
internal sealed class RequestErrors(MetricRecorder metrics) : IMetricSource
{
    private const int Most4xx = 20, Most5xx = 200;
    private int _count4xx, _count5xx;

    public void Add(int status, Endpoint? endpoint, string method, string requestId)
    {
        if (status < 500 ? Interlocked.Increment(ref _count4xx) > Most4xx : Interlocked.Increment(ref _count5xx) > Most5xx) return;
        metrics.Record(MetricTypes.HttpError, status, new { request_id = requestId, route = RequestMetrics.NameOf(endpoint), method });
    }

    public void Record(MetricRecorder metrics)
    {
        Volatile.Write(ref _count4xx, 0);
        Volatile.Write(ref _count5xx, 0);
    }
}
