using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Payments;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>Acts on what the gateway tells unasked. News comes late, twice and in any order; it counts once.</summary>
public sealed class GatewayNews(RetailDbContext db, PaymentBooking booking, RefundService refunds, TimeProvider clock, ILogger<GatewayNews> logger)
{
    /// <summary>Takes one event, in one transaction with the row that says so.</summary>
    /// <returns>False: too early, the gateway is to tell it again later.</returns>
    public async Task<bool> TakeAsync(GatewayEvent news, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(news);
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var payment = await FindAsync(news, ct);
        var isNew = await db.Database.ExecuteSqlAsync($"""
            INSERT INTO payment_events (id, type, gateway_id, order_id, happened_at, received_at)
            VALUES ({news.Id}, {news.Type}, {news.IntentId}, {payment?.OrderId}, {news.At}, {clock.GetUtcNow()}) ON CONFLICT DO NOTHING
            """, ct) > 0;
        if (!isNew) return true;
        if (payment is not null && !await ActAsync(news, payment, ct)) return false;
        await transaction.CommitAsync(ct);
        logger.EventTaken(news.Id, news.Type, payment?.OrderId);
        return true;
    }

    private async Task<bool> ActAsync(GatewayEvent news, Payment payment, CancellationToken ct)
    {
        switch (news.Type)
        {
            case "payment_intent.succeeded" when news.CapturedCents is { } cents && cents != payment.Amount.Cents:
                logger.WrongAmount(news.Id, payment.OrderId);
                break;
            case "payment_intent.succeeded":
                await booking.BookAsync(payment.OrderId, payment.Id, new ChargeOutcome.Paid(news.IntentId!), "gateway");
                break;
            case "payment_intent.payment_failed":
                var code = news.ErrorCode ?? "generic_decline";
                await booking.BookAsync(payment.OrderId, payment.Id, new ChargeOutcome.Declined(news.IntentId, code, DeclineMessages.For(code)), "gateway");
                break;
            case "charge.refunded":
                return await RefundedAsync(news, payment, ct);
        }
        return true;
    }

    // What went back beyond our own refunds was paid back at the gateway by hand.
    private async Task<bool> RefundedAsync(GatewayEvent news, Payment payment, CancellationToken ct)
    {
        var order = await PaymentBooking.LockAsync(db, payment.OrderId);
        var books = await refunds.ReadAsync(payment.OrderId, ct);
        if (books.Payment is not { } captured) return !order.AwaitsPayment;
        var ours = captured.Amount.Amount - books.Left;
        var elsewhere = Math.Min((news.RefundedCents ?? 0) / 100m, captured.Amount.Amount) - ours;
        if (elsewhere <= 0) return true;
        var now = clock.GetUtcNow();
        var refund = Refund.Of(captured, new Money(elsewhere, captured.Amount.Currency), $"event-{news.Id}"[..Math.Min(100, news.Id.Length + 6)], "Paid back at the payment service", "gateway", now);
        refund.Answer(RefundStatus.Succeeded, null, null, now);
        db.Refunds.Add(refund);
        await refunds.NoteAsync(order, refund, now);
        await db.SaveChangesAsync(ct);
        return true;
    }

    private async Task<Payment?> FindAsync(GatewayEvent news, CancellationToken ct)
    {
        if (news.IntentId is not { } intent) return null;
        var payments = db.Payments.AsNoTracking();
        return await payments.Where(p => p.GatewayId == intent).OrderByDescending(p => p.StartedAt).FirstOrDefaultAsync(ct)
            ?? (news.OrderId is { } order ? await payments.Where(p => p.OrderId == order).OrderByDescending(p => p.StartedAt).ThenByDescending(p => p.Id).FirstOrDefaultAsync(ct) : null);
    }
}
