using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Inventory;
using Retail.Core.Metrics;

namespace Retail.Core.Orders;

/// <summary>
/// The only way an order comes to be. Callers queue; one writer takes whatever has queued while its last commit ran
/// and admits it in one transaction, so a crowd costs few commits and a single caller waits for nobody.
/// </summary>
public sealed class OrderIntake(OrderBatch batch, ShippingRates shipping, MetricRecorder metrics, ILogger<OrderIntake> logger) : BackgroundService
{
    /// <summary>The most orders in one transaction: beyond a few hundred latency grows and the rate does not.</summary>
    public const int MaxBatch = 300;

    /// <summary>The most callers that wait; the next is told that the store is busy.</summary>
    public const int MaxQueue = 4000;

    private const int MaxTries = 3;

    private readonly Channel<PendingOrder> _queue = Channel.CreateBounded<PendingOrder>(new BoundedChannelOptions(MaxQueue) { SingleReader = true });

    /// <summary>Asks for an order. Answers 'accepted' only after the commit that holds it; a caller that stops waiting does not stop the order.</summary>
    public async Task<ServiceResult<AcceptedOrder>> PlaceAsync(OrderRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Refuse(request) is { } refusal) return refusal;
        var started = Stopwatch.GetTimestamp();
        var pending = new PendingOrder(request, shipping.Find(request.ShippingMethod)!);
        if (!_queue.Writer.TryWrite(pending)) return OrderErrors.Busy;
        var answer = await pending.Answer.WaitAsync(ct);
        metrics.Record(MetricTypes.OrderAcceptMs, Stopwatch.GetElapsedTime(started).TotalMilliseconds, new { outcome = answer.Error?.Code ?? "accepted" });
        return answer;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var taken = new List<PendingOrder>(MaxBatch);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                while (taken.Count < MaxBatch && _queue.Reader.TryRead(out var next)) taken.Add(next);
                await AdmitAsync(taken);
                taken.Clear();
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var waiting)) waiting.Refuse(OrderErrors.Busy);
        }
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
                    metrics.Record(MetricTypes.StockConflicts, 1, new { source = "intake" });
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
        || e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: OrderMap.IdempotencyIndex };
}
