using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;
using Retail.Core.Partners;

namespace Retail.Web.Infrastructure;

/// <summary>How often partners' programs may call, in sliding minutes: settings "Partners". Each node counts for itself.</summary>
public sealed class PartnerLimits : IDisposable
{
    private const int Segments = 6;

    private readonly MetricRecorder _metrics;
    private readonly PartitionedRateLimiter<string> _uploads, _reads, _wrongKeys;

    public PartnerLimits(IOptions<PartnersOptions> options, MetricRecorder metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        _metrics = metrics;
        (_uploads, _reads, _wrongKeys) = (Limit(options.Value.UploadsPerMinute), Limit(options.Value.ReadsPerMinute), Limit(options.Value.WrongKeysPerMinute));
    }

    /// <summary>Counts a feed that a partner sends; answers after which time to come back when it is one too many.</summary>
    public TimeSpan? RefuseUpload(Guid partner) => Refuse(_uploads, "partner_upload", partner.ToString());

    /// <summary>Counts a question of a partner.</summary>
    public TimeSpan? RefuseRead(Guid partner) => Refuse(_reads, "partner_read", partner.ToString());

    /// <summary>Counts a call with a wrong key.</summary>
    public TimeSpan? RefuseWrongKey(string address) => Refuse(_wrongKeys, "partner_key", address);

    public void Dispose()
    {
        _uploads.Dispose();
        _reads.Dispose();
        _wrongKeys.Dispose();
    }

    private TimeSpan? Refuse(PartitionedRateLimiter<string> limiter, string name, string who)
    {
        using var lease = limiter.AttemptAcquire(who);
        if (lease.IsAcquired) return null;
        _metrics.Record(MetricTypes.ThrottledRequests, 1, new { limit = name, route = "/api/partner/" });
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.Zero ? after : TimeSpan.FromSeconds(60.0 / Segments);
    }

    private static PartitionedRateLimiter<string> Limit(int permits) => PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetSlidingWindowLimiter(who,
        _ => new SlidingWindowRateLimiterOptions { PermitLimit = permits, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = Segments }));
}
