using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Retail.Core.Carts;
using Retail.Core.Data;
using Retail.Core.Inventory;
using Retail.Core.Metrics;
using Retail.Core.Payments;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>Charges accepted orders and lets the outcome follow: stock, cart and status change in one transaction. May be called any number of times.</summary>
public sealed class OrderPayments(
    RetailDbContext db, IPaymentGateway gateway, InventoryService inventory, CartService carts, MetricRecorder metrics, TimeProvider clock, ILogger<OrderPayments> logger)
{
    /// <summary>The outbox kind that settles an order's payment when nobody else did.</summary>
    public const string SettlePayment = "settle-payment";

    /// <summary>Asks the gateway for the money of an order and books the answer. An order that awaits no payment is left as it is.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="by">Who asks, for the order's history: shopper or worker.</param>
    /// <returns>Where the order stands afterwards.</returns>
    public async Task<OrderStatus> ChargeAsync(Guid orderId, string by)
    {
        // Money is about to move: from here on nobody's leaving stops it.
        var open = await (
            from order in db.Orders.AsNoTracking()
            where order.Id == orderId
            join payment in db.Payments on order.Id equals payment.OrderId
            orderby payment.StartedAt descending
            select new { order.Status, Payment = payment }).FirstAsync(CancellationToken.None);
        if (open.Status is OrderStatus.Paid or OrderStatus.Cancelled) return open.Status;
        var charge = new ChargeRequest(orderId, open.Payment.Amount, open.Payment.MethodId, open.Payment.Id.ToString());
        var outcome = await gateway.ChargeAsync(charge, CancellationToken.None);
        db.ChangeTracker.Clear();
        return await BookAsync(orderId, open.Payment.Id, outcome, by, clock.GetUtcNow());
    }

    private async Task<OrderStatus> BookAsync(Guid orderId, Guid paymentId, ChargeOutcome outcome, string by, DateTimeOffset now)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        await db.Database.ExecuteSqlAsync($"SELECT id FROM orders WHERE id = {orderId} FOR UPDATE", CancellationToken.None);
        var order = await db.Orders.SingleAsync(o => o.Id == orderId, CancellationToken.None);
        if (!order.AwaitsPayment) return order.Status;   // another caller booked the same answer first
        var payment = await db.Payments.SingleAsync(p => p.Id == paymentId, CancellationToken.None);
        switch (outcome)
        {
            case ChargeOutcome.Paid paid:
                payment.Answer(PaymentStatus.Captured, paid.IntentId, null, now);
                // A pending order has emptied its cart before; what is in it now was put there since.
                var takesCart = order.Status == OrderStatus.Placed;
                order.MarkPaid(by, now);
                await inventory.SellAsync(orderId, CancellationToken.None);
                if (takesCart && order.CartId is { } bought) await carts.EmptyAsync(bought, orderId, CancellationToken.None);
                logger.Paid(orderId);
                break;
            case ChargeOutcome.Declined declined:
                payment.Answer(PaymentStatus.Declined, declined.IntentId, declined.Code, now);
                order.Cancel("gateway", declined.Message, now);
                await inventory.ReleaseAsync(orderId, CancellationToken.None);
                if (order.CartId is { } kept) await carts.RenewKeyAsync(kept, CancellationToken.None);
                logger.Cancelled(orderId, declined.Code);
                break;
            case ChargeOutcome.Unknown unknown:
                payment.Answer(PaymentStatus.Unknown, null, unknown.Reason, now);
                if (order.Status == OrderStatus.Placed)
                {
                    order.MarkPaymentPending(by, unknown.Reason, now);
                    if (order.CartId is { } taken) await carts.EmptyAsync(taken, orderId, CancellationToken.None);
                }
                logger.PaymentPending(orderId, unknown.Reason);
                break;
            default:
                throw new InvalidOperationException($"The gateway answered a charge with {outcome.GetType().Name}.");
        }
        if (!order.AwaitsPayment)
            await db.Database.ExecuteSqlAsync($"UPDATE outbox SET status = 'Done' WHERE kind = {SettlePayment} AND key = {orderId.ToString()} AND status = 'Waiting'", CancellationToken.None);
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        metrics.Record(MetricTypes.PaymentAttempt, 1, new { outcome = payment.Status.ToString(), code = payment.Code, order_id = orderId });
        return order.Status;
    }
}
