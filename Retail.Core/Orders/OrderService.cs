using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Inventory;
using Retail.Core.Metrics.Calls;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>What people do with an order that stands: cancel it before it leaves, send it.</summary>
public sealed class OrderService(
    RetailDbContext db, OrderPayments payments, PaymentBooking booking, RefundService refunds, InventoryService inventory, CartService carts, TimeProvider clock, ILogger<OrderService> logger)
{
    /// <summary>The longest reason, and the longest tracking text.</summary>
    public const int MaxWords = 200;

    /// <summary>
    /// Cancels an order that has not left. One that awaits its payment is called off at the gateway first: if it was paid meanwhile, or
    /// is paid already, all of the money goes back and the units are in stock again. Cancelling twice is harmless.
    /// </summary>
    /// <param name="orderId">The order.</param>
    /// <param name="by">shopper, or an admin's name.</param>
    /// <param name="why">In words for the shopper.</param>
    /// <param name="ct">Stops what has not begun.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<OrderStatus>> CancelAsync(Guid orderId, string by, string why, CancellationToken ct)
    {
        if (why.Trim().Length is 0 or > MaxWords) return OrderErrors.NoReason;
        if (!await db.Orders.AnyAsync(o => o.Id == orderId, ct)) return OrderErrors.Unknown;
        var open = await payments.FindAsync(orderId);
        if (open.Status is OrderStatus.Placed or OrderStatus.PaymentPending)
        {
            var outcome = await payments.AskAsync(open.Payment, callOff: true);
            if (outcome is ChargeOutcome.Unknown) return OrderErrors.GatewayAway;   // the money may have moved: nothing is given up before that is known
            if (outcome is ChargeOutcome.Paid or ChargeOutcome.Declined { Code: not "canceled" }) await booking.BookAsync(orderId, open.Payment.Id, outcome, "gateway");
        }
        return await CancelAsync(orderId, by, why.Trim());
    }

    /// <summary>Notes that the parcel was handed to the carrier: from here on an order is refunded, not cancelled.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="by">An admin's name.</param>
    /// <param name="tracking">The carrier and its number; may be empty.</param>
    /// <param name="ct">Stops the work.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> ShipAsync(Guid orderId, string by, string tracking, CancellationToken ct)
    {
        tracking = tracking.Trim();
        if (tracking.Length > MaxWords) return OrderErrors.TrackingTooLong;
        if (!await db.Orders.AnyAsync(o => o.Id == orderId, ct)) return OrderErrors.Unknown;
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var order = await PaymentBooking.LockAsync(db, orderId);
        if (!order.MayBeShipped) return OrderErrors.CannotBeShipped;
        var now = clock.GetUtcNow();
        order.Ship(by, tracking, now);
        db.Outbox.Add(Notify.Of(Notify.OrderShipped, orderId, now));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        logger.Shipped(orderId);
        return ServiceResult.Done;
    }

    private async Task<ServiceResult<OrderStatus>> CancelAsync(Guid orderId, string by, string why)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        Refund? refund = null;
        await using (var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None))
        {
            var order = await PaymentBooking.LockAsync(db, orderId);
            if (order.Status is OrderStatus.Cancelled or OrderStatus.Refunded) return order.Status;
            if (!order.MayBeCancelled) return OrderErrors.HasLeft;
            if (order.AwaitsPayment)
            {
                await inventory.ReleaseAsync(orderId, CancellationToken.None);
                if (order.CartId is { } kept) await carts.RenewKeyAsync(kept, CancellationToken.None);
                // Charged at this very moment, or not yet found by the gateway's search: asked after once more, and paid back if need be.
                db.Outbox.Add(new OutboxMessage { Kind = OrderPayments.SettlePayment, Key = orderId.ToString(), OrderingKey = orderId.ToString(), CreatedAt = now, DueAt = now + OrderPayments.SearchLag });
            }
            else
            {
                refund = await refunds.PromiseRestAsync(order, $"cancel-{orderId}", why, by, CancellationToken.None);
                await inventory.FreeFlashUnitsAsync(orderId, CancellationToken.None);
            }
            order.Cancel(by, why, now);
            db.Outbox.Add(Notify.Of(Notify.OrderCancelled, orderId, now));
            await db.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }
        logger.Cancelled(orderId, "by request");
        return refund is not null && (await refunds.SendAsync(refund.Id)).Status == RefundStatus.Succeeded ? OrderStatus.Refunded : OrderStatus.Cancelled;
    }
}
