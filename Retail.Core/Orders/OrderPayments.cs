using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Payments;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>Asks the gateway for the money of accepted orders. May be called any number of times, by anybody at once: an order is charged once.</summary>
public sealed class OrderPayments(
    RetailDbContext db, IPaymentGateway gateway, GatewayPipeline circuit, PaymentBooking booking, IOptions<PaymentsOptions> options, MetricRecorder metrics, TimeProvider clock)
{
    /// <summary>The outbox kind that settles an order's payment when nobody else did.</summary>
    public const string SettlePayment = "settle-payment";

    /// <summary>For so long after an attempt the gateway's search may not know of it: only then "not found" means that no money moved.</summary>
    public static readonly TimeSpan SearchLag = TimeSpan.FromMinutes(2);

    /// <summary>Asks the gateway for the money of an order and books the answer. An order that awaits no payment is left as it is.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="by">Who asks, for the order's history: shopper or worker.</param>
    /// <param name="asked">When the shopper pressed the button (<see cref="Stopwatch.GetTimestamp"/>), who waits for it at most <see cref="PaymentsOptions.ShopperWaits"/>; null: nobody waits.</param>
    /// <returns>Where the order stands afterwards.</returns>
    public async Task<OrderStatus> ChargeAsync(Guid orderId, string by, long? asked = null)
    {
        var began = asked ?? Stopwatch.GetTimestamp();
        var open = await FindAsync(orderId);
        using var drill = DrillScope.Begin(open.DrillId);
        if (open.Status is not (OrderStatus.Placed or OrderStatus.PaymentPending)) return open.Status;
        // Only what nobody has asked for is charged without a question first.
        if (open.Payment.Status != PaymentStatus.Started || IsLate(open)) return await AskThenChargeAsync(open, by);
        var outcome = await ChargeAsync(open.Payment);
        // Who has left the page by now, or never waited, does not see what it says.
        var isSeen = asked is { } pressed && Stopwatch.GetElapsedTime(pressed) < options.Value.ShopperWaits;
        var status = await booking.BookAsync(orderId, open.Payment.Id, outcome, by, isSeen);
        if (outcome is ChargeOutcome.Unknown { CircuitOpen: true })
            metrics.Record(MetricTypes.PaymentFastFailMs, Stopwatch.GetElapsedTime(began).TotalMilliseconds, new { order_id = orderId });
        return status;
    }

    /// <summary>
    /// Finds out what became of an order's payment, and charges if nothing did; past <see cref="PaymentsOptions.SettleWithin"/> gives up
    /// and cancels the order, but never while the money may have been captured. Asks after a cancelled order's unanswered payment too:
    /// what was captured after all goes back.
    /// </summary>
    /// <returns>Nothing is left to be found out.</returns>
    public async Task<bool> SettleAsync(Guid orderId, string by)
    {
        var open = await FindAsync(orderId);
        using var drill = DrillScope.Begin(open.DrillId);
        if (!open.Payment.IsOpen) return true;
        if (open.Status is OrderStatus.Placed or OrderStatus.PaymentPending)
            return await AskThenChargeAsync(open, by) is not (OrderStatus.Placed or OrderStatus.PaymentPending);
        if (open.Status != OrderStatus.Cancelled) return true;
        var outcome = await AskAsync(open.Payment, callOff: true);
        if (outcome is ChargeOutcome.NotFound)
        {
            if (clock.GetUtcNow() - (open.Payment.AnsweredAt ?? open.Payment.StartedAt) < SearchLag) return false;
            outcome = PaymentBooking.NotCharged;
        }
        await booking.BookAsync(orderId, open.Payment.Id, outcome, by);
        return outcome is not ChargeOutcome.Unknown;
    }

    /// <summary>What the gateway knows of an order's payment.</summary>
    /// <param name="payment">The attempt.</param>
    /// <param name="callOff">A charge that is still under way is not wanted any more.</param>
    internal async Task<ChargeOutcome> AskAsync(Payment payment, bool callOff)
    {
        var outcome = payment.GatewayId is { } id ? await gateway.GetChargeAsync(id, CancellationToken.None) : await gateway.FindChargeAsync(payment.OrderId, CancellationToken.None);
        return callOff && outcome is ChargeOutcome.Unknown { IntentId: { } underWay } ? await gateway.CancelAsync(underWay, CancellationToken.None) : outcome;
    }

    internal async Task<OpenPayment> FindAsync(Guid orderId)
    {
        // Money is about to move: from here on nobody's leaving stops it.
        return await (
            from order in db.Orders.AsNoTracking()
            where order.Id == orderId
            join payment in db.Payments.AsNoTracking() on order.Id equals payment.OrderId
            orderby payment.StartedAt descending, payment.Id descending
            select new OpenPayment(order.Status, order.PlacedAt, order.DrillId, payment)).FirstAsync(CancellationToken.None);
    }

    private async Task<OrderStatus> AskThenChargeAsync(OpenPayment open, string by)
    {
        var payment = open.Payment;
        var isLate = IsLate(open);
        var outcome = await AskAsync(payment, callOff: isLate);
        if (outcome is ChargeOutcome.NotFound && !isLate)
        {
            if (payment.Status == PaymentStatus.Unknown)
            {
                db.Payments.Add(payment = payment.Again(clock.GetUtcNow()));
                await db.SaveChangesAsync(CancellationToken.None);
            }
            outcome = await ChargeAsync(payment);
        }
        else if (outcome is ChargeOutcome.NotFound)
        {
            // The last attempt began before the deadline, so that by now the gateway would know of it.
            outcome = clock.GetUtcNow() >= Deadline(open) + SearchLag ? PaymentBooking.TooLate : new ChargeOutcome.Unknown("not_found_yet", false);
        }
        return await booking.BookAsync(payment.OrderId, payment.Id, outcome, by);
    }

    private async Task<ChargeOutcome> ChargeAsync(Payment payment)
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = await gateway.ChargeAsync(new(payment.OrderId, payment.Amount, payment.MethodId, payment.Key), CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(started);
        metrics.Record(MetricTypes.PaymentAttempt, elapsed.TotalMilliseconds, new
        {
            outcome = outcome switch { ChargeOutcome.Paid => "paid", ChargeOutcome.Declined => "declined", _ => "unknown" },
            code = outcome switch { ChargeOutcome.Declined declined => declined.Code, ChargeOutcome.Unknown unknown => unknown.Reason, _ => null },
            circuit = circuit.Current.MetricName(),
            order_id = payment.OrderId,
        });
        return outcome;
    }

    private DateTimeOffset Deadline(OpenPayment open) => open.PlacedAt + options.Value.SettleWithin;

    private bool IsLate(OpenPayment open) => clock.GetUtcNow() >= Deadline(open);
}

/// <summary>An order's latest attempt to charge.</summary>
internal sealed record OpenPayment(OrderStatus Status, DateTimeOffset PlacedAt, Guid? DrillId, Payment Payment);
