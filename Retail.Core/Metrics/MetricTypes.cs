namespace Retail.Core.Metrics;

/// <summary>The words in the metric table's type column. A rate is never a row without its denominator in the metadata.</summary>
public static class MetricTypes
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

    /// <summary>A drill has ended: 1 passed, 0 not; name, status and every figure in the metadata.</summary>
    public const string DrillResult = "drill_result";

    /// <summary>Buyers that a flash-sale drill let loose at once.</summary>
    public const string DrillFlashBuyers = "drill_flash_buyers";

    /// <summary>Orders that came of a flash-sale drill.</summary>
    public const string DrillFlashOrders = "drill_flash_orders";

    /// <summary>Units promised or sold beyond those that there were, by a recount from order lines and ledger; must be 0.</summary>
    public const string OversoldUnits = "oversold_units";

    /// <summary>Variants whose lines, ledger and counters contradict each other, by the same recount; must be 0.</summary>
    public const string StockDifferences = "stock_differences";

    /// <summary>Orders of a payment-outage drill that were paid in the end, in percent of all of them.</summary>
    public const string DrillPaymentsSettledPercent = "drill_payments_settled_percent";

    /// <summary>Charges beyond one an order after a payment-outage drill, by the gateway's books; must be 0.</summary>
    public const string DrillDoubledCharges = "drill_doubled_charges";

    /// <summary>Time from the checkout's button until the page says that the payment is delayed or the card can't be checked, in milliseconds.</summary>
    public const string PaymentNoticeMs = "payment_notice_ms";

    /// <summary>Words of that notice.</summary>
    public const string PaymentNoticeWords = "payment_notice_words";

    /// <summary>1 when neither cart nor order was left of that checkout; must be 0.</summary>
    public const string PaymentNoticeCartLost = "payment_notice_cart_lost";

    /// <summary>Times that a fault of the payment simulator did not do what it says; must be 0.</summary>
    public const string FaultModeDeviations = "fault_mode_deviations";

    /// <summary>Faults of the payment simulator that were tried, each twice.</summary>
    public const string FaultModesTried = "fault_modes_tried";

    /// <summary>Times that the same checkout was sent at once.</summary>
    public const string DuplicateCheckoutsTried = "duplicate_checkouts_tried";

    /// <summary>Orders beyond the first that came of it; must be 0, and -1 is none at all.</summary>
    public const string DuplicateOrders = "duplicate_orders";

    /// <summary>Charges beyond the first that came of it, by the gateway's books; must be 0.</summary>
    public const string DuplicateCharges = "duplicate_charges";

    /// <summary>Metric rows lost because the queue was full or the database refused them: value = how many.</summary>
    public const string MetricsDropped = "metrics_dropped";
}
