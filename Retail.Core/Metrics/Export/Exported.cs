namespace Retail.Core.Metrics.Export;

/// <summary>What becomes of a type's rows for a scraper.</summary>
internal enum ExportKind
{
    /// <summary>The sum so far.</summary>
    Counter,

    /// <summary>How many rows so far.</summary>
    RowCounter,

    /// <summary>The latest.</summary>
    Gauge,

    /// <summary>Times, merged from the rows' own histograms or from their values.</summary>
    Histogram,
}

/// <summary>A series that scrapers and collectors get, and the rows that it is made of.</summary>
/// <param name="Type">One of <see cref="MetricTypes"/>.</param>
/// <param name="Name">With dots, as OpenTelemetry writes it.</param>
/// <param name="Kind">What becomes of the rows.</param>
/// <param name="Help">One sentence.</param>
internal sealed record Exported(string Type, string Name, ExportKind Kind, string Help)
{
    /// <summary>A number of the metadata instead of the row's value.</summary>
    public string? Field { get; init; }

    /// <summary>Metadata that tells series apart.</summary>
    public string[] Labels { get; init; } = [];

    /// <summary>Values of the only label that are there from the start, at 0.</summary>
    public string[] Known { get; init; } = [];

    /// <summary>A gauge that is 0 until a row says otherwise.</summary>
    public bool FromZero { get; init; }

    /// <summary>OpenTelemetry's unit.</summary>
    public string? Unit { get; init; }

    /// <summary>What the number is multiplied with, to be in base units.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>All of them. Rows of drills are left out, so that no drill rings an alarm.</summary>
    public static IReadOnlyList<Exported> All { get; } =
    [
        new(MetricTypes.HttpRequests, "retail.http.requests", ExportKind.Histogram, "Time to answer requests.") { Labels = ["route", "method"] },
        new(MetricTypes.HttpRequests, "retail.http.client_errors", ExportKind.Counter, "Requests answered with 4xx.") { Field = "errors_4xx", Labels = ["route"] },
        new(MetricTypes.HttpRequests, "retail.http.server_errors", ExportKind.Counter, "Requests answered with 5xx.") { Field = "errors_5xx", Labels = ["route"] },
        new(MetricTypes.HttpRequests, "retail.http.queries", ExportKind.Counter, "Statements that requests sent to the database.") { Field = "queries", Labels = ["route"] },
        new(MetricTypes.ReadModel, "retail.catalogue.requests", ExportKind.Counter, "Requests for catalogue pages.") { Field = "total" },
        new(MetricTypes.ReadModel, "retail.catalogue.requests_without_query", ExportKind.Counter, "Requests for catalogue pages that asked the database nothing.") { Field = "hits" },
        new(MetricTypes.ThrottledRequests, "retail.requests.throttled", ExportKind.Counter, "Requests refused because they came too often.") { Labels = ["limit"], Known = ["flash_user", "flash_user_sku", "flash_all"] },
        new(MetricTypes.AuthRejected, "retail.requests.rejected", ExportKind.Counter, "Requests answered with 401 or 403.") { Labels = ["route"] },
        new(MetricTypes.SignInFailed, "retail.sign_ins.failed", ExportKind.Counter, "Sign-ins that failed.") { Labels = ["reason"], Known = ["no_account", "wrong_password", "locked_out"] },
        new(MetricTypes.WebhookRejected, "retail.webhooks.rejected", ExportKind.Counter, "Payment webhooks that were not the gateway's."),
        new(MetricTypes.FeedAuthRejected, "retail.feeds.rejected", ExportKind.Counter, "Feed uploads without a valid partner key."),
        new(MetricTypes.SearchWithoutResult, "retail.searches", ExportKind.Counter, "Searches.") { Field = "total" },
        new(MetricTypes.SearchWithoutResult, "retail.searches.empty", ExportKind.Counter, "Searches that found nothing."),
        new(MetricTypes.CheckoutStarted, "retail.checkouts.started", ExportKind.Counter, "Checkout pages opened with goods in the cart."),
        new(MetricTypes.OrdersPerDay, "retail.orders", ExportKind.Counter, "Orders placed."),
        new(MetricTypes.OrdersPerDay, "retail.orders.value", ExportKind.Counter, "What the orders placed come to, in the store's currency.") { Field = "total" },
        new(MetricTypes.OrderAcceptMs, "retail.order.accept", ExportKind.Histogram, "Time from asking for an order until it was accepted or refused.") { Labels = ["outcome"], Known = ["accepted", "not_taken"] },
        new(MetricTypes.OrdersRefusedBusy, "retail.orders.refused_busy", ExportKind.Counter, "Orders refused because too many waited."),
        new(MetricTypes.StockRefusals, "retail.stock.refused_units", ExportKind.Counter, "Units that were asked for and not there."),
        new(MetricTypes.StockConflicts, "retail.stock.conflicts", ExportKind.Counter, "Stock that would have gone wrong; should stay 0."),
        new(MetricTypes.RefundsPerDay, "retail.refunds", ExportKind.Counter, "Refunds paid out."),
        new(MetricTypes.RefundsPerDay, "retail.refunds.value", ExportKind.Counter, "What the refunds come to, in the store's currency.") { Field = "amount" },
        new(MetricTypes.PaymentAttempt, "retail.payment.attempts", ExportKind.Histogram, "Tries to charge a card.") { Labels = ["outcome"], Known = ["paid", "declined", "unknown"] },
        new(MetricTypes.PaymentFastFailMs, "retail.payment.fast_fail", ExportKind.Histogram, "How long a checkout waited while the circuit was open."),
        new(MetricTypes.CircuitBreakerState, "retail.payment.circuit_state", ExportKind.Gauge, "The payment circuit: 0 closed, 1 half open, 2 open.") { FromZero = true },
        new(MetricTypes.ServiceCall, "retail.service.calls", ExportKind.Histogram, "Calls of service methods.") { Labels = ["method"] },
        new(MetricTypes.ServiceCall, "retail.service.refused", ExportKind.Counter, "Calls of service methods that were refused in words.") { Field = "refused", Labels = ["method"] },
        new(MetricTypes.ServiceCall, "retail.service.failed", ExportKind.Counter, "Calls of service methods that threw.") { Field = "failed", Labels = ["method"] },
        new(MetricTypes.NodeSeen, "retail.node.uptime", ExportKind.Gauge, "Time since the process started.") { Unit = "s" },
        new(MetricTypes.NodeSeen, "retail.node.memory_used", ExportKind.Gauge, "Memory of the process, of all that it may take.") { Field = "memory_percent", Scale = 0.01, Unit = "1" },
        new(MetricTypes.NodeSeen, "retail.node.cpu_used", ExportKind.Gauge, "Processor time of the process, of all that there is.") { Field = "cpu_percent", Scale = 0.01, Unit = "1" },
        new(MetricTypes.NodeSeen, "retail.node.disk_free", ExportKind.Gauge, "Free space of the disk that the process works on.") { Field = "disk_free_percent", Scale = 0.01, Unit = "1" },
        new(MetricTypes.PoolInUse, "retail.database.pool.busy", ExportKind.Gauge, "Connections of the pool that are busy."),
        new(MetricTypes.PoolInUse, "retail.database.pool.limit", ExportKind.Gauge, "Connections that the pool may have.") { Field = "max" },
        new(MetricTypes.Deadlocks, "retail.database.deadlocks", ExportKind.Counter, "Deadlocks that the database broke up."),
        new(MetricTypes.StartupSeconds, "retail.startup", ExportKind.Gauge, "Time from the start of the process until it was ready.") { Unit = "s" },
        new(MetricTypes.CatalogProducts, "retail.catalogue.products", ExportKind.Gauge, "Published products of the read model."),
        new(MetricTypes.QueueDepth, "retail.queue.due", ExportKind.Gauge, "Promises that are due and not kept yet."),
        new(MetricTypes.QueueDepth, "retail.queue.oldest", ExportKind.Gauge, "Age of the oldest promise that is due.") { Field = "oldest_s", Unit = "s" },
        new(MetricTypes.QueueDepth, "retail.queue.dead", ExportKind.Gauge, "Promises that were tried too often.") { Field = "dead" },
        new(MetricTypes.JobWaitSeconds, "retail.job.wait", ExportKind.Histogram, "Time from when a job or promise was due until it began.") { Labels = ["kind"], Scale = 1000 },
        new(MetricTypes.JobRun, "retail.job.runs", ExportKind.RowCounter, "Runs of jobs that ended.") { Labels = ["job", "outcome"] },
        new(MetricTypes.WorkerResumeSeconds, "retail.worker.resume", ExportKind.Gauge, "Time from a worker's death until another took its work over.") { Unit = "s" },
        new(MetricTypes.FeedRun, "retail.feed.runs", ExportKind.RowCounter, "Partner feeds read.") { Labels = ["outcome"] },
        new(MetricTypes.FeedRun, "retail.feed.rows", ExportKind.Counter, "Rows of partner feeds read."),
        new(MetricTypes.FlagPropagationSeconds, "retail.flag.propagation", ExportKind.Histogram, "Time from a flag's change until this node acted on it.") { Scale = 1000 },
        new(MetricTypes.ReconcileDifferences, "retail.reconcile.differences", ExportKind.Gauge, "Differences that the last reconciliation found."),
        new(MetricTypes.ReconcileDifferences, "retail.reconcile.critical", ExportKind.Gauge, "Critical ones of them.") { Field = "critical", FromZero = true },
        new(MetricTypes.MetricsDropped, "retail.metrics.dropped", ExportKind.Counter, "Metric rows that were lost."),
    ];
}
