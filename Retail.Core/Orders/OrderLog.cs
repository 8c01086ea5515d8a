using Microsoft.Extensions.Logging;

namespace Retail.Core.Orders;

internal static partial class OrderLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Accepted {Orders} orders of {Asked} in one commit")]
    public static partial void BatchCommitted(this ILogger logger, int orders, int asked);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "A batch of {Orders} orders failed at try {Tries}. Rolling back its reservations")]
    public static partial void BatchFailed(this ILogger logger, Exception e, int orders, int tries);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Failed to reserve stock: {Code} for {Refused} orders")]
    public static partial void Refused(this ILogger logger, string code, int refused);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Order {OrderId} could not be charged at once; the worker will")]
    public static partial void ChargeLeftToWorker(this ILogger logger, Exception e, Guid orderId);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "Order {OrderId} is paid")]
    public static partial void Paid(this ILogger logger, Guid orderId);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Information, Message = "Order {OrderId} is cancelled: {Code}")]
    public static partial void Cancelled(this ILogger logger, Guid orderId, string code);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "Order {OrderId} awaits its payment: {Code}")]
    public static partial void PaymentPending(this ILogger logger, Guid orderId, string code);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "Order {OrderId} was paid after it was cancelled; the money goes back")]
    public static partial void PaidTooLate(this ILogger logger, Guid orderId);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Information, Message = "Order {OrderId} is shipped")]
    public static partial void Shipped(this ILogger logger, Guid orderId);

    [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "Refund {RefundId} of order {OrderId}: {Amount} went back")]
    public static partial void Refunded(this ILogger logger, Guid refundId, Guid orderId, decimal amount);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Error, Message = "Refund {RefundId} of order {OrderId} was refused by the gateway: {Code}")]
    public static partial void RefundRefused(this ILogger logger, Guid refundId, Guid orderId, string code);

    [LoggerMessage(EventId = 3022, Level = LogLevel.Warning, Message = "Refund {RefundId} of order {OrderId} awaits the gateway: {Code}")]
    public static partial void RefundPending(this ILogger logger, Guid refundId, Guid orderId, string code);

    [LoggerMessage(EventId = 3030, Level = LogLevel.Information, Message = "Gateway event {EventId} ({Type}) taken for order {OrderId}")]
    public static partial void EventTaken(this ILogger logger, string eventId, string type, Guid? orderId);

    [LoggerMessage(EventId = 3031, Level = LogLevel.Error, Message = "Gateway event {EventId} names another amount than order {OrderId}; it changed nothing")]
    public static partial void WrongAmount(this ILogger logger, string eventId, Guid orderId);

    [LoggerMessage(EventId = 3040, Level = LogLevel.Warning, Message = "{Found} payments or refunds had nobody to ask after them; they are promised again")]
    public static partial void PromisedAgain(this ILogger logger, int found);

    [LoggerMessage(EventId = 3042, Level = LogLevel.Warning, Message = "Keys of other nodes' flash orders are not heard of; each is asked after until they are")]
    public static partial void FlashKeysUnheard(this ILogger logger, Exception e);
}
