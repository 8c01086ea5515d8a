namespace Retail.Core.Metrics.Rollups;

/// <summary>What the roll-ups know of types.</summary>
public static class RollupTypes
{
    /// <summary>Types that are computed from others and have no rows of their own: percent or mean, with part and of in the sums.</summary>
    public static IReadOnlyList<string> Derived { get; } =
        [MetricTypes.ErrorRate, MetricTypes.AvgResponseTime, MetricTypes.PaymentSuccessRate, MetricTypes.CheckoutConversion, MetricTypes.CartAbandonment];
}
