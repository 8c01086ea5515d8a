using Retail.Core.Metrics;
using Retail.Core.Metrics.Sampling;

namespace Retail.Core.Catalog;

/// <summary>Tells how many products are on sale: at start, when their number has changed, and each hour.</summary>
public sealed class CatalogSize(CatalogModel model, TimeProvider clock) : IMetricSource
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private DateTimeOffset _next;
    private int _told = -1;

    /// <inheritdoc/>
    public void Record(MetricRecorder metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        var now = clock.GetUtcNow();
        var size = model.Size;
        if (!model.IsWarm || size == _told && now < _next) return;
        (_told, _next) = (size, now + Every);
        metrics.Record(MetricTypes.CatalogProducts, size);
    }
}

/// <summary>Counts searches, and those that found nothing.</summary>
public sealed class SearchCounts : IMetricSource
{
    private long _all, _empty, _allTaken, _emptyTaken;

    /// <summary>A search was answered.</summary>
    public void Add(bool found)
    {
        Interlocked.Increment(ref _all);
        if (!found) Interlocked.Increment(ref _empty);
    }

    /// <inheritdoc/>
    public void Record(MetricRecorder metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        var (empty, all) = (Interlocked.Read(ref _empty), Interlocked.Read(ref _all));
        var total = all - _allTaken;
        if (total > 0) metrics.Record(MetricTypes.SearchWithoutResult, empty - _emptyTaken, new { total });
        (_emptyTaken, _allTaken) = (empty, all);
    }
}
