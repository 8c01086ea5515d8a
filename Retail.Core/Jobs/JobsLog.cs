using Microsoft.Extensions.Logging;

namespace Retail.Core.Jobs;

internal static partial class JobsLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "{Kind} of {Key} failed at try {Tries}; it will be tried again")]
    public static partial void Failed(this ILogger logger, Exception e, string kind, string key, int tries);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "The database is away; the worker waits for it")]
    public static partial void DatabaseAway(this ILogger logger, Exception e);
}
