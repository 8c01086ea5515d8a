using Microsoft.Extensions.Logging;

namespace Retail.Core.Metrics;

internal static partial class MetricsLog
{
    [LoggerMessage(EventId = 9101, Level = LogLevel.Warning, Message = "Metrics can't be written and are held until the database answers")]
    public static partial void MetricsHeld(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 9102, Level = LogLevel.Information, Message = "Metrics are written again")]
    public static partial void MetricsResumed(this ILogger logger);

    [LoggerMessage(EventId = 9103, Level = LogLevel.Warning, Message = "The database refused a metric of type {Type}; it is dropped")]
    public static partial void MetricRefused(this ILogger logger, Exception exception, string type);

    [LoggerMessage(EventId = 9104, Level = LogLevel.Warning, Message = "{Rows} metrics are lost because the database was away when the host stopped")]
    public static partial void MetricsLost(this ILogger logger, int rows);
}
