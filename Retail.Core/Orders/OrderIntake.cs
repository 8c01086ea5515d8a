using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Flags;
using Retail.Core.Inventory;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Orders;

/// <summary>
/// The only way an order comes to be. Callers queue; one writer takes whatever has queued while its last commit ran
/// and admits it in one transaction, so a crowd costs few commits and a single caller waits for nobody.
/// </summary>
public sealed class OrderIntake(OrderBatch batch, ShippingRates shipping, FeatureFlags flags, MetricRecorder metrics, IOptions<OrdersOptions> options, ILogger<OrderIntake> logger)
    : BackgroundService
{
    private const int MaxTries = 3;

    private readonly Channel<PendingOrder> _queue = Channel.CreateBounded<PendingOrder>(new BoundedChannelOptions(options.Value.QueueLimit) { SingleReader = true });

    /// <summary>As many callers wait as may: the next would be told that the store is busy.</summary>
    public bool IsFull => Waiting >= options.Value.QueueLimit;

    /// <summary>Callers that wait for a commit that has not begun.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Asks for an order. Answers 'accepted' only after the commit that holds it; a caller that stops waiting does not stop the order.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<AcceptedOrder>> PlaceAsync(OrderRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Refuse(request) is { } refusal) return refusal;
        var pending = new PendingOrder(request, shipping.Find(request.ShippingMethod)!);
        return _queue.Writer.TryWrite(pending) ? await pending.Answer.WaitAsync(ct) : RefuseBusy();
    }

    /// <summary>The refusal of a full queue, noted as such.</summary>
    public ServiceError RefuseBusy()
    {
        metrics.Record(MetricTypes.OrdersRefusedBusy, 1);
        return OrderErrors.Busy;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var taken = new List<PendingOrder>(options.Value.BatchLimit);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                var most = flags.IsOn(FeatureFlag.Orders) ? options.Value.BatchLimit : 1;
                while (taken.Count < most && _queue.Reader.TryRead(out var next)) taken.Add(next);
                var began = Stopwatch.GetTimestamp();
                await AdmitAsync(taken);
                Measure(taken, Stopwatch.GetElapsedTime(began));
                taken.Clear();
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var waiting)) waiting.Refuse(OrderErrors.Busy);
        }
    }

    // One row for each outcome of a commit, not one for each order, so that a rush does not drown the metric table.
    private void Measure(List<PendingOrder> answered, TimeSpan commit)
    {
        foreach (var same in answered.GroupBy(order => (order.Outcome, order.DrillId)))
        {
            var times = same.Select(order => order.Age).ToList();
            var buckets = times.CountBy(LatencyHistogram.IndexOf).OrderBy(b => b.Key).ToDictionary();
            DrillScope.Current = same.Key.DrillId;
            metrics.Record(MetricTypes.OrderAcceptMs, times.Average(t => t.TotalMilliseconds), new { outcome = same.Key.Outcome, count = times.Count, buckets, commit_ms = commit.TotalMilliseconds });
        }
        DrillScope.Current = null;
    }

    private ServiceError? Refuse(OrderRequest request) =>
        request.Lines.Count == 0 ? OrderErrors.Empty
        : request.Lines.Count > Cart.MaxLines ? OrderErrors.TooManyLines
        : request.Lines.Any(l => l.Quantity is < 1 or > Cart.MaxQuantityPerLine) ? OrderErrors.BadQuantity
        : request.Lines.DistinctBy(l => l.VariantId).Count() != request.Lines.Count ? OrderErrors.BadQuantity
        : shipping.Find(request.ShippingMethod) is null ? OrderErrors.UnknownShipping
        : null;

    // CancellationToken.None: a batch that was begun is finished, because its callers wait for an answer.
    private async Task AdmitAsync(List<PendingOrder> orders)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await batch.CommitAsync(orders, CancellationToken.None);
                foreach (var order in orders) order.Release();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or IOException)
            {
                foreach (var order in orders) order.Forget();
                if (e is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: StockItemMap.Check or FlashSaleMap.Check })
                    using (DrillScope.Begin(orders.Select(o => o.DrillId).Distinct().Count() == 1 ? orders[0].DrillId : null)) metrics.Record(MetricTypes.StockConflicts, 1, new { source = "intake" });
                metrics.Record(MetricTypes.OrderBatchFailed, orders.Count, new { sql_state = (e as PostgresException)?.SqlState, tries });
                logger.BatchFailed(e, orders.Count, tries);
                if (IsTransient(e) && tries < MaxTries)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20 * tries));
                    continue;
                }
                if (!IsTransient(e) && orders.Count > 1)
                {
                    // One order's own data may be at fault: each alone, so that it stops nobody else.
                    foreach (var order in orders) await AdmitAsync([order]);
                    return;
                }
                foreach (var order in orders) order.Refuse(OrderErrors.NotTaken);
                return;
            }
        }
    }

    // A duplicate key is another node's order under the same key, committed meanwhile: the next try finds it.
    private static bool IsTransient(Exception e) =>
        e is NpgsqlException { IsTransient: true } or TimeoutException or IOException
        || e is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
        || e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: OrderMap.IdempotencyIndex };
}
