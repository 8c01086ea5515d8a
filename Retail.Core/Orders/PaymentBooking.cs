using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Retail.Core.Carts;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Inventory;
using Retail.Core.Payments;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>Lets a payment's outcome follow: attempt, status, stock, cart and what people are told change in one transaction, the caller's or its own.</summary>
public sealed class PaymentBooking(
    RetailDbContext db, GatewayPipeline circuit, InventoryService inventory, CartService carts, TimeProvider clock, ILogger<PaymentBooking> logger)
{
    /// <summary>The deadline has passed and the gateway knows of no charge.</summary>
    internal static readonly ChargeOutcome.Declined TooLate = new(null, "no_answer_in_time",
        "The payment service gave no answer in time, so we cancelled the order. Nothing was charged; you can order again.");

    /// <summary>The order was cancelled before, and the gateway knows of no charge.</summary>
    internal static readonly ChargeOutcome.Declined NotCharged = new(null, "not_charged", "The order was cancelled before it was charged.");

    /// <summary>Books an answer. The same answer again, or one that others overtook, changes nothing.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="paymentId">The attempt.</param>
    /// <param name="outcome">The answer.</param>
    /// <param name="by">Who asked, for the order's history.</param>
    /// <param name="isSeen">The shopper waits for the page that says so; otherwise a refusal is told by mail.</param>
    /// <returns>Where the order stands afterwards.</returns>
    internal async Task<OrderStatus> BookAsync(Guid orderId, Guid paymentId, ChargeOutcome outcome, string by, bool isSeen = false)
    {
        db.ChangeTracker.Clear();
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(CancellationToken.None) : null;
        var order = await LockAsync(db, orderId);
        if (!order.AwaitsPayment && order.Status != OrderStatus.Cancelled) return order.Status;   // another caller booked the same answer first
        var payment = await db.Payments.SingleAsync(p => p.Id == paymentId, CancellationToken.None);
        if (!payment.IsOpen && (outcome is not ChargeOutcome.Paid || payment.Status == PaymentStatus.Captured)) return order.Status;
        var now = clock.GetUtcNow();
        switch (outcome)
        {
            case ChargeOutcome.Paid paid:
                await PaidAsync(order, payment, paid, by, now);
                break;
            case ChargeOutcome.Declined declined:
                var isAbandoned = declined == TooLate || declined == NotCharged;
                payment.Answer(isAbandoned ? PaymentStatus.Abandoned : PaymentStatus.Declined, declined.IntentId, declined.Code, circuit.Current, now);
                if (order.AwaitsPayment) await ComeToNothingAsync(order, declined, isAbandoned ? by : "gateway", isTold: isSeen && order.Status == OrderStatus.Placed, now);
                break;
            case ChargeOutcome.Unknown unknown:
                payment.Answer(PaymentStatus.Unknown, unknown.IntentId, unknown.Reason, circuit.Current, now);
                if (order.Status == OrderStatus.Placed) await DelayAsync(order, by, now);
                logger.PaymentPending(orderId, unknown.Reason);
                break;
            default:
                throw new InvalidOperationException($"The gateway answered a charge with {outcome.GetType().Name}.");
        }
        if (!order.AwaitsPayment && !payment.IsOpen)
            await db.Database.ExecuteSqlAsync($"UPDATE outbox SET status = 'Done' WHERE kind = {OrderPayments.SettlePayment} AND ordering_key = {orderId.ToString()} AND status = 'Waiting'", CancellationToken.None);
        await db.SaveChangesAsync(CancellationToken.None);
        if (own is not null) await own.CommitAsync(CancellationToken.None);
        return order.Status;
    }

    /// <summary>Holds an order until the transaction ends: whoever changes it, its payments or its refunds, does this first.</summary>
    internal static async Task<Order> LockAsync(RetailDbContext db, Guid orderId)
    {
        // First the lock, then the row as it is under it.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM orders WHERE id = {orderId} FOR UPDATE", CancellationToken.None);
        return await db.Orders.SingleAsync(o => o.Id == orderId, CancellationToken.None);
    }

    private async Task PaidAsync(Order order, Payment payment, ChargeOutcome.Paid paid, string by, DateTimeOffset now)
    {
        if (!order.AwaitsPayment)
        {
            // Cancelled and paid back before: this is the same money, told of again.
            if (await db.Payments.AnyAsync(p => p.OrderId == order.Id && p.Status == PaymentStatus.Captured, CancellationToken.None)) return;
            payment.Answer(PaymentStatus.Captured, paid.IntentId, null, circuit.Current, now);
            var refund = Refund.Of(payment, payment.Amount, $"late-{order.Id}", "Paid after the order was cancelled", "worker", now);
            db.Refunds.Add(refund);
            db.Outbox.Add(RefundService.Promise(refund, now));
            logger.PaidTooLate(order.Id);
            return;
        }
        payment.Answer(PaymentStatus.Captured, paid.IntentId, null, circuit.Current, now);
        // A pending order has emptied its cart before; what is in it now was put there since.
        var takesCart = order.Status == OrderStatus.Placed;
        order.MarkPaid(by, now);
        db.Outbox.Add(Notify.Of(Notify.OrderConfirmation, order.Id, now));
        await inventory.SellAsync(order.Id, CancellationToken.None);
        if (takesCart && order.CartId is { } bought) await carts.EmptyAsync(bought, order.Id, CancellationToken.None);
        logger.Paid(order.Id);
    }

    private async Task ComeToNothingAsync(Order order, ChargeOutcome.Declined declined, string by, bool isTold, DateTimeOffset now)
    {
        order.Cancel(by, declined.Message, now);
        if (!isTold) db.Outbox.Add(Notify.Of(Notify.OrderCancelled, order.Id, now));
        await inventory.ReleaseAsync(order.Id, CancellationToken.None);
        if (order.CartId is { } kept) await carts.RenewKeyAsync(kept, CancellationToken.None);
        logger.Cancelled(order.Id, declined.Code);
    }

    private async Task DelayAsync(Order order, string by, DateTimeOffset now)
    {
        order.MarkPaymentPending(by, "The payment service did not answer", now);
        db.Outbox.Add(Notify.Of(Notify.PaymentDelayed, order.Id, now));
        if (order.CartId is { } taken) await carts.EmptyAsync(taken, order.Id, CancellationToken.None);
    }
}
