using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;

namespace Retail.Web.Infrastructure;

/// <summary>Settings "FlashSales": how often flash items may be asked for. Each node counts for itself.</summary>
public sealed class FlashLimitOptions
{
    /// <summary>Attempts of one user in the window: the customer, else the browser's cart, else the address.</summary>
    [Range(1, 1_000_000)] public int AttemptsPerUser { get; init; } = 5;

    /// <summary>Attempts of one user for one SKU in the window.</summary>
    [Range(1, 1_000_000)] public int AttemptsPerUserAndSku { get; init; } = 5;

    /// <summary>Attempts of everybody in the window.</summary>
    [Range(1, 10_000_000)] public int AttemptsOverall { get; init; } = 500;

    /// <summary>The window, in seconds.</summary>
    [Range(1, 3600)] public int WindowSeconds { get; init; } = 60;
}

/// <summary>Counts attempts to buy flash items in sliding windows. It stands behind sign-in and the reading of the request, because it asks who and what.
/// A drill has the same limits and a count of its own, so that it takes nobody's turn.</summary>
public sealed class FlashLimits : IDisposable
{
    private const int Segments = 6;

    private readonly MetricRecorder _metrics;
    private readonly TimeSpan _window;
    private readonly PartitionedRateLimiter<(string User, string Sku)> _users, _skus, _all;

    public FlashLimits(IOptions<FlashLimitOptions> options, MetricRecorder metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_metrics, _window) = (metrics, TimeSpan.FromSeconds(options.Value.WindowSeconds));
        _users = Limit(options.Value.AttemptsPerUser, attempt => attempt.User);
        _skus = Limit(options.Value.AttemptsPerUserAndSku, attempt => $"{attempt.User}\n{attempt.Sku}");
        _all = Limit(options.Value.AttemptsOverall, _ => DrillScope.Current?.ToString() ?? "");
    }

    /// <summary>Counts an attempt; answers after which time another one may be made when it is one too many, otherwise null.</summary>
    public TimeSpan? Refuse(string user, string sku) =>
        Refuse(_users, "flash_user", user, sku) ?? Refuse(_skus, "flash_user_sku", user, sku) ?? Refuse(_all, "flash_all", user, sku);

    public void Dispose()
    {
        _users.Dispose();
        _skus.Dispose();
        _all.Dispose();
    }

    private TimeSpan? Refuse(PartitionedRateLimiter<(string User, string Sku)> limiter, string name, string user, string sku)
    {
        using var lease = limiter.AttemptAcquire((user, sku));
        if (lease.IsAcquired) return null;
        _metrics.Record(MetricTypes.ThrottledRequests, 1, new { limit = name, route = "/cart/flash-checkout/", sku });
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.Zero ? after : _window / Segments;
    }

    private PartitionedRateLimiter<(string User, string Sku)> Limit(int permits, Func<(string User, string Sku), string> key) =>
        PartitionedRateLimiter.Create<(string User, string Sku), string>(attempt => RateLimitPartition.GetSlidingWindowLimiter(key(attempt),
            _ => new SlidingWindowRateLimiterOptions { PermitLimit = permits, Window = _window, SegmentsPerWindow = Segments }));
}
