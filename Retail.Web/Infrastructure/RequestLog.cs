namespace Retail.Web.Infrastructure;

internal static partial class RequestLog
{
    // The message is the event's name alone and the rest travels as properties, which the generator takes for a slip.
    // Never the query: it may hold an email.
#pragma warning disable SYSLIB1015
    [LoggerMessage(EventId = 9001, Message = "event=http.request")]
    public static partial void HttpRequest(
        this ILogger logger, LogLevel level, Exception? exception, string method, string path, int status, double durationMs, string? userId);
#pragma warning restore SYSLIB1015
}
