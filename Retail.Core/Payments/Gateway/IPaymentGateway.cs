using Retail.Core.Common;

namespace Retail.Core.Payments.Gateway;

/// <summary>
/// The payment gateway as the store sees it. Every call ends within <see cref="PaymentsOptions.TotalTimeout"/> with an outcome;
/// what goes wrong on the way is an outcome too, never an exception. A call that has begun is seen through:
/// cancelling only prevents one that has not, because the answer to a charge is worth more than the wait for it.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Exchanges a card for a token, so that the number goes no further.</summary>
    Task<GatewayAnswer<PaymentMethod>> TokeniseAsync(CardDetails card, CancellationToken ct);

    /// <summary>
    /// Charges a tokenised card at once. The same key with the same request charges once, however often it is sent, and repeats
    /// its first outcome, a decline too: another card wants another key.
    /// </summary>
    Task<ChargeOutcome> ChargeAsync(ChargeRequest charge, CancellationToken ct);

    /// <summary>Asks what became of a charge whose id is known.</summary>
    Task<ChargeOutcome> GetChargeAsync(string intentId, CancellationToken ct);

    /// <summary>
    /// Asks what became of an order's charges; a paid one outweighs all others. The gateway's search may lag a minute behind,
    /// so a young <see cref="ChargeOutcome.NotFound"/> proves nothing: charging again with the same key is safe and says more.
    /// </summary>
    Task<ChargeOutcome> FindChargeAsync(Guid orderId, CancellationToken ct);

    /// <summary>
    /// Calls a charge off: <see cref="ChargeOutcome.Declined"/> with the code <c>canceled</c> when it is off,
    /// <see cref="ChargeOutcome.Paid"/> when it was too late and only a refund helps.
    /// </summary>
    Task<ChargeOutcome> CancelAsync(string intentId, CancellationToken ct);

    /// <summary>Pays back all or part of a charge; the same key pays back once.</summary>
    /// <param name="intentId">The paid charge.</param>
    /// <param name="amount">At most what is left of it.</param>
    /// <param name="idempotencyKey">One per refund, at most 255 characters.</param>
    /// <param name="reason">For the books, in the admin's words; at most 500 characters, the rest is cut off.</param>
    /// <param name="ct">Prevents a call that has not begun.</param>
    Task<RefundOutcome> RefundAsync(string intentId, Money amount, string idempotencyKey, string reason, CancellationToken ct);

    /// <summary>Asks what became of a refund, by the key that was sent with it: the gateway forgets keys after a day, its refunds never.</summary>
    Task<RefundOutcome> FindRefundAsync(string intentId, string idempotencyKey, CancellationToken ct);
}

/// <summary>What to charge.</summary>
/// <param name="OrderId">Kept with the charge, so that <see cref="IPaymentGateway.FindChargeAsync"/> finds it.</param>
/// <param name="Amount">More than nothing, in a currency with two decimals.</param>
/// <param name="PaymentMethodId">The token, <c>pm_…</c>.</param>
/// <param name="IdempotencyKey">One per order and card, at most 255 characters.</param>
public sealed record ChargeRequest(Guid OrderId, Money Amount, string PaymentMethodId, string IdempotencyKey);

/// <summary>A tokenised card: what may be stored and shown.</summary>
/// <param name="Id">The token, <c>pm_…</c>.</param>
/// <param name="Brand">Lower case: visa, mastercard.</param>
/// <param name="Last4">The last four digits.</param>
public sealed record PaymentMethod(string Id, string Brand, string Last4);
