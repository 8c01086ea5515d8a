namespace Retail.Core.Data.Outbox;

/// <summary>Promises to tell somebody something. They stand here, because every capability makes them; Notifications keeps them.</summary>
public static class Notify
{
    /// <summary>The kind of the outbox row.</summary>
    public const string Kind = "notify";

    /// <summary>About a customer: the account was made.</summary>
    public const string Welcome = "welcome-v1";

    /// <summary>About a customer: a link to choose a new password.</summary>
    public const string PasswordReset = "password-reset-v1";

    /// <summary>About an order: it is paid.</summary>
    public const string OrderConfirmation = "order-confirmation-v2";

    /// <summary>About an order: the gateway did not answer, the worker goes on asking.</summary>
    public const string PaymentDelayed = "payment-delayed";

    /// <summary>About an order: it came to nothing.</summary>
    public const string OrderCancelled = "order-cancelled";

    /// <summary>About an order, with the refund as occasion: money went back.</summary>
    public const string OrderRefunded = "order-refunded";

    /// <summary>About an order: the parcel was handed over.</summary>
    public const string OrderShipped = "order-shipped";

    /// <summary>About a notice, which is one mail about every variant that has run low since the last: few are left.</summary>
    public const string StockLow = "stock-low";

    /// <summary>The promise to send a template about something, once.</summary>
    /// <param name="template">Such as welcome-v1.</param>
    /// <param name="about">The order, customer or notice that it is about.</param>
    /// <param name="now">UTC.</param>
    /// <param name="occasion">Tells a second mail of this kind about the same thing from the first; empty when there is only one ever.</param>
    public static OutboxMessage Of(string template, Guid about, DateTimeOffset now, string occasion = "") => new()
    {
        Kind = Kind,
        Key = occasion.Length == 0 ? $"{template}:{about}" : $"{template}:{about}:{occasion}",
        OrderingKey = about.ToString(),   // what is told about one order comes in order
        CreatedAt = now,
        DueAt = now,
    };
}
