using Retail.Core.Data.Outbox;

namespace Retail.Core.Orders;

/// <summary>Settles the payment of an order whose page never heard the answer: the gateway was away, or the process died.</summary>
public sealed class SettlePaymentHandler(OrderPayments payments) : IOutboxHandler
{
    /// <inheritdoc/>
    public string Kind => OrderPayments.SettlePayment;

    /// <inheritdoc/>
    public async Task HandleAsync(string key, CancellationToken ct)
    {
        if (!await payments.SettleAsync(Guid.Parse(key), "worker")) throw new TryLaterException("The gateway gave no answer yet.");
    }
}
