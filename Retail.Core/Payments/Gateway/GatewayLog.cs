using Microsoft.Extensions.Logging;

namespace Retail.Core.Payments.Gateway;

internal static partial class GatewayLog
{
    [LoggerMessage(EventId = 4101, Level = LogLevel.Warning, Message = "Payment gateway: attempt {Attempt} failed ({Failure}), the next in {DelayMs} ms")]
    public static partial void AttemptFailed(this ILogger logger, int attempt, string failure, int delayMs);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "Payment gateway: circuit went from {From} to {To}")]
    public static partial void CircuitChanged(this ILogger logger, string from, string to);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Error, Message = "Payment gateway: no usable answer to {Method} {Path} ({Reason})")]
    public static partial void NoAnswer(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(EventId = 4104, Level = LogLevel.Error, Message = "Payment gateway: an answer with HTTP {Status} can't be read as {Shape}")]
    public static partial void Unreadable(this ILogger logger, int status, string shape);
}
