using Retail.Core.Data.Outbox;

namespace Retail.Core.Orders;

/// <summary>Sees a refund through that the gateway did not answer at once.</summary>
public sealed class RefundHandler(RefundService refunds) : IOutboxHandler
{
    /// <inheritdoc/>
    public string Kind => RefundService.Kind;

    /// <inheritdoc/>
    public async Task HandleAsync(string key, CancellationToken ct)
    {
        var refund = await refunds.SendAsync(Guid.Parse(key));
        if (refund.Status == RefundStatus.Pending) throw new TryLaterException("The gateway gave no answer yet.");
    }
}
