namespace Retail.Core.Metrics;

/// <summary>The words in the metric table's type column. A rate is never a row without its denominator in the metadata.</summary>
public static partial class MetricTypes
{
    /// <summary>Requests of one route and method in ten seconds: value = count; errors, total ms and latency buckets in the metadata.</summary>
    public const string HttpRequests = "http_requests";

    /// <summary>Answers that were 4xx or 5xx, in percent of all requests of the span in the metadata.</summary>
    public const string ErrorRate = "error_rate";

    /// <summary>Mean time to answer a request, in milliseconds, over the span in the metadata.</summary>
    public const string AvgResponseTime = "avg_response_time";

    /// <summary>Requests refused because they came too often: value = how many, the limit's name in the metadata.</summary>
    public const string ThrottledRequests = "throttled_requests";

    /// <summary>Orders placed: value = how many one commit took, their sum in the metadata; the roll-up's value is the day's sum.</summary>
    public const string OrdersPerDay = "orders_per_day";

    /// <summary>Time from asking for an order until it was accepted or refused, in milliseconds: the mean of those that one commit
    /// answered; outcome, count and latency buckets in the metadata.</summary>
    public const string OrderAcceptMs = "order_accept_ms";

    /// <summary>Orders refused because too many were waiting already: 1 for each.</summary>
    public const string OrdersRefusedBusy = "orders_refused_busy";

    /// <summary>Order lines refused because less was left than asked: value = units short. Not an incident.</summary>
    public const string StockRefusals = "stock_refusals";

    /// <summary>Stock that would have gone wrong but for a database constraint: 1 for each incident; should never be there.</summary>
    public const string StockConflicts = "stock_conflicts";

    /// <summary>Refunds paid out: 1 for each; the roll-up's value is the day's sum.</summary>
    public const string RefundsPerDay = "refunds_per_day";

    /// <summary>One try to charge a card, failed ones too: value = milliseconds; outcome and breaker state in the metadata.</summary>
    public const string PaymentAttempt = "payment_attempt";

    /// <summary>Paid attempts in percent of all attempts of the span in the metadata.</summary>
    public const string PaymentSuccessRate = "payment_success_rate";

    /// <summary>The payment breaker at an attempt or a change: 0 CLOSED, 1 HALF_OPEN, 2 OPEN; the word in the metadata.</summary>
    public const string CircuitBreakerState = "circuit_breaker_state";

    /// <summary>How long a checkout waited for the charge while the breaker was open, in milliseconds.</summary>
    public const string PaymentFastFailMs = "payment_fast_fail_ms";

    /// <summary>Metric rows lost because the queue was full or the database refused them: value = how many.</summary>
    public const string MetricsDropped = "metrics_dropped";
}
