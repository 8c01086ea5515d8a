namespace Retail.Core.Metrics;

/// <summary>The words in the metric table's type column. A rate is never a row without its denominator in the metadata.</summary>
public static partial class MetricTypes
{
    /// <summary>Requests of one route and method in ten seconds: value = count; errors, total ms, latency buckets and
    /// what they asked of the database (queries, queries_max, without_queries) in the metadata.</summary>
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
    /// answered; outcome, count, latency buckets and the milliseconds of the commit itself in the metadata.</summary>
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

    /// <summary>How long a shopper waited while the breaker was open, in milliseconds: from "Place order", or for a program from the
    /// order's acceptance, until the order was kept as payment pending.</summary>
    public const string PaymentFastFailMs = "payment_fast_fail_ms";

    /// <summary>Metric rows lost because the queue was full or the database refused them: value = how many.</summary>
    public const string MetricsDropped = "metrics_dropped";

    /// <summary>One request that was answered with 4xx or 5xx: value = status; request_id, route and method in the metadata. At most 200 with 5xx
    /// and 20 with 4xx are kept of ten seconds on one node; http_requests counts all.</summary>
    public const string HttpError = "http_error";

    /// <summary>Catalogue pages that were answered without a query, in percent of all in ten seconds; hits and total in the metadata.</summary>
    public const string ReadModel = "read_model";

    /// <summary>Connections of this node's pool that were busy, looked at each ten seconds; max and idle in the metadata.</summary>
    public const string PoolInUse = "pool_in_use";

    /// <summary>A node is alive, each ten seconds: value = seconds since it started; role, memory_mb, memory_percent, cpu_percent and
    /// disk_free_percent in the metadata.</summary>
    public const string NodeSeen = "node_seen";

    /// <summary>Deadlocks that the database broke up since the last look: value = how many; only written when there was one.</summary>
    public const string Deadlocks = "deadlocks";

    /// <summary>Calls of one service method in ten seconds: value = count; refused, failed, total_ms and buckets in the metadata.</summary>
    public const string ServiceCall = "service_call";

    /// <summary>Requests of one route that were answered with 401 or 403 in ten seconds: value = count.</summary>
    public const string AuthRejected = "auth_rejected";

    /// <summary>A sign-in that failed: 1 for each; reason in the metadata.</summary>
    public const string SignInFailed = "sign_in_failed";

    /// <summary>A payment webhook that was not the gateway's: 1 for each; reason in the metadata.</summary>
    public const string WebhookRejected = "webhook_rejected";

    /// <summary>Searches that found nothing in ten seconds: value = count; total in the metadata.</summary>
    public const string SearchWithoutResult = "search_without_result";

    /// <summary>A checkout page was opened with goods in the cart: 1 for each; cart_id in the metadata.</summary>
    public const string CheckoutStarted = "checkout_started";

    /// <summary>Carts of the day that came to no order, in percent of the carts that had goods; a roll-up a day.</summary>
    public const string CartAbandonment = "cart_abandonment";

    /// <summary>Checkouts of the day that became an order, in percent of the carts that reached the checkout; a roll-up a day.</summary>
    public const string CheckoutConversion = "checkout_conversion";

    /// <summary>Seconds from the start of the process until it was ready, once a start; role and manual_steps in the metadata.</summary>
    public const string StartupSeconds = "startup_s";

    /// <summary>Published products of the read model, at start and each hour.</summary>
    public const string CatalogProducts = "catalog_products";

    /// <summary>Seconds from when a job or promise was due until it began: the mean of a batch; kind, count, max and buckets in the metadata.</summary>
    public const string JobWaitSeconds = "job_wait_s";

    /// <summary>One run of a job that ended: value = seconds; job, outcome and tries in the metadata.</summary>
    public const string JobRun = "job_run";

    /// <summary>Promises that are due and not kept yet, each ten seconds; oldest_s and dead in the metadata.</summary>
    public const string QueueDepth = "queue_depth";

    /// <summary>Seconds from a worker's death until another took its work over.</summary>
    public const string WorkerResumeSeconds = "worker_resume_s";

    /// <summary>One partner feed that was read: value = rows; counts, seconds, rows_per_s and peak_memory_mb in the metadata.</summary>
    public const string FeedRun = "feed_run";

    /// <summary>A feed upload with a forged or missing partner key: 1 for each.</summary>
    public const string FeedAuthRejected = "feed_auth_rejected";

    /// <summary>Seconds from a flag's change until this node acted on it; flag and on in the metadata.</summary>
    public const string FlagPropagationSeconds = "flag_propagation_s";

    /// <summary>Differences that a reconciliation found; checked, warning, critical, totals, payments, orphans and stock in the metadata.</summary>
    public const string ReconcileDifferences = "reconcile_differences";

    /// <summary>One drill that ended: value = 1 when it held, 0 when not; drill, drill_id and its figures in the metadata.</summary>
    public const string DrillResult = "drill_result";

    /// <summary>A batch of orders whose commit failed, at each try: value = orders in it; sql_state and tries in the metadata.</summary>
    public const string OrderBatchFailed = "order_batch_failed";

    /// <summary>Recorded requests that a replay has sent again.</summary>
    public const string ReplayRequests = "replay_requests";

    /// <summary>Of them, those whose answer has another status or shape than it had; of in the metadata.</summary>
    public const string ReplayDifferences = "replay_differences";
}
