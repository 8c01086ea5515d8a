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
}
