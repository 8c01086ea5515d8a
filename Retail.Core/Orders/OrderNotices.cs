using Retail.Core.Data.Outbox;

namespace Retail.Core.Orders;

/// <summary>What people are told of an order: a promise in the outbox, written in the transaction of the change that it tells of.</summary>
public static class OrderNotices
{
    /// <summary>The outbox kind. Its key is the template, a colon and the order's id.</summary>
    public const string Kind = "notify";

    /// <summary>It is paid.</summary>
    public const string Confirmation = "order-confirmation-v2";

    /// <summary>The payment will be processed later.</summary>
    public const string PaymentDelayed = "payment-delayed";

    /// <summary>It came to nothing; the order says why.</summary>
    public const string Cancelled = "order-cancelled";

    /// <summary>Money went back.</summary>
    public const string Refunded = "order-refunded";

    /// <summary>The parcel is on its way.</summary>
    public const string Shipped = "order-shipped";

    /// <summary>A notice to be sent at once.</summary>
    public static OutboxMessage Of(string template, Guid orderId, DateTimeOffset now) =>
        new() { Kind = Kind, Key = $"{template}:{orderId}", CreatedAt = now, DueAt = now };
}
