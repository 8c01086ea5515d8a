namespace Retail.Core.Metrics;

// What drills measure: one row for each figure at the drill's end, with "drill" and "drill_id" in the metadata.
public static partial class MetricTypes
{
    /// <summary>Any drill with orders: what a named query of the scenarios says of them before they are cleared away; query and sample in the metadata.</summary>
    public const string DrillEvidence = "drill_evidence";

    /// <summary>flash-sale: buyers who ordered.</summary>
    public const string DrillFlashBuyers = "drill_flash_buyers";

    /// <summary>flash-sale: orders that were accepted.</summary>
    public const string DrillFlashOrders = "drill_flash_orders";

    /// <summary>flash-sale: units sold beyond what there was; should be 0.</summary>
    public const string OversoldUnits = "oversold_units";

    /// <summary>flash-sale: variants whose stock and ledger disagree afterwards; should be 0.</summary>
    public const string StockDifferences = "stock_differences";

    /// <summary>payment-outage: orders kept during the outage that were settled after it, in percent.</summary>
    public const string DrillPaymentsSettledPercent = "drill_payments_settled_percent";

    /// <summary>payment-outage: charges beyond the first for an order; should be 0.</summary>
    public const string DrillDoubledCharges = "drill_doubled_charges";

    /// <summary>payment-outage: milliseconds until the page said that payment is delayed.</summary>
    public const string PaymentNoticeMs = "payment_notice_ms";

    /// <summary>payment-outage: words of that notice.</summary>
    public const string PaymentNoticeWords = "payment_notice_words";

    /// <summary>payment-outage: carts whose content was in neither cart nor order afterwards; should be 0.</summary>
    public const string PaymentNoticeCartLost = "payment_notice_cart_lost";

    /// <summary>payment-outage: fault modes of the simulator that came out differently the second time; should be 0.</summary>
    public const string FaultModeDeviations = "fault_mode_deviations";

    /// <summary>payment-outage: fault modes that were tried, each twice.</summary>
    public const string FaultModesTried = "fault_modes_tried";

    /// <summary>worker-kill: promises of before the kill that were not kept; should be 0.</summary>
    public const string WorkerLostPromises = "worker_lost_promises";

    /// <summary>worker-kill: promises that were kept more than once; should be 0.</summary>
    public const string WorkerDoubledPromises = "worker_doubled_promises";

    /// <summary>throttle-burst: milliseconds of a try that was let through; count and buckets in the metadata where one row holds several.</summary>
    public const string ThrottleAcceptedMs = "throttle_accepted_ms";

    /// <summary>throttle-burst: tries that were refused.</summary>
    public const string ThrottleRefusals = "throttle_refusals";

    /// <summary>throttle-burst: refusals that did not say when to try again; should be 0.</summary>
    public const string ThrottleRefusalsWithoutRetryAfter = "throttle_refusals_without_retry_after";

    /// <summary>forged-calls: calls of unsafe endpoints from another origin.</summary>
    public const string ForgedUnsafeTried = "forged_unsafe_tried";

    /// <summary>forged-calls: those of them that were accepted; should be 0.</summary>
    public const string ForgedUnsafeAccepted = "forged_unsafe_accepted";

    /// <summary>forged-calls: protected routes asked for without the right to.</summary>
    public const string ProtectedRoutesTried = "protected_routes_tried";

    /// <summary>forged-calls: those of them that answered; should be 0.</summary>
    public const string ProtectedRoutesOpen = "protected_routes_open";

    /// <summary>forged-calls: partner calls and webhooks with a false key or signature.</summary>
    public const string ForgedPartnerTried = "forged_partner_tried";

    /// <summary>forged-calls: those of them that were accepted; should be 0.</summary>
    public const string ForgedPartnerAccepted = "forged_partner_accepted";

    /// <summary>forged-calls: rows that differ after all forged calls; should be 0.</summary>
    public const string ForgedRowsChanged = "forged_rows_changed";

    /// <summary>forged-calls: messages of refusals that were read.</summary>
    public const string ErrorMessagesRead = "error_messages_read";

    /// <summary>forged-calls: those of them without advice or with more than 50 words; should be 0.</summary>
    public const string ErrorMessagesUnhelpful = "error_messages_unhelpful";

    /// <summary>duplicate-checkout: the same order sent so many times at once.</summary>
    public const string DuplicateCheckoutsTried = "duplicate_checkouts_tried";

    /// <summary>duplicate-checkout: orders beyond the first; should be 0.</summary>
    public const string DuplicateOrders = "duplicate_orders";

    /// <summary>duplicate-checkout: charges beyond the first; should be 0.</summary>
    public const string DuplicateCharges = "duplicate_charges";

    /// <summary>bad-feed: valid rows that became products, in percent.</summary>
    public const string FeedValidInPercent = "feed_valid_in_percent";

    /// <summary>bad-feed: bad rows that the run did not report; should be 0.</summary>
    public const string FeedUnreportedBadRows = "feed_unreported_bad_rows";

    /// <summary>bad-feed: seconds from upload to result.</summary>
    public const string FeedSeconds = "feed_seconds";

    /// <summary>bad-feed: products of the big feed that were written.</summary>
    public const string FeedUpsertedProducts = "feed_upserted_products";

    /// <summary>bad-feed: seconds to write them.</summary>
    public const string FeedUpsertSeconds = "feed_upsert_s";

    /// <summary>bad-feed: growth of memory while the big feed ran, in MB.</summary>
    public const string FeedPeakMemoryMb = "feed_peak_memory_mb";

    /// <summary>bad-feed: rows that the same feed changed when it was sent again; should be 0.</summary>
    public const string FeedSecondRunChanges = "feed_second_run_changes";

    /// <summary>flag-flip: nodes that did not act on the switch; should be 0.</summary>
    public const string FlagNodesMissed = "flag_nodes_missed";
}
