using Microsoft.Extensions.Logging;

namespace Retail.Core.Jobs;

internal static partial class JobsLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "{Kind} of {Key} failed at try {Tries}; it will be tried again")]
    public static partial void Failed(this ILogger logger, Exception e, string kind, string key, int tries);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "The database is away; the worker waits for it")]
    public static partial void DatabaseAway(this ILogger logger, Exception e);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Error, Message = "{Kind} of {Key} failed {Tries} times and is dead; an admin can read, requeue or discard it")]
    public static partial void Dead(this ILogger logger, Exception e, string kind, string key, int tries);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Warning, Message = "Worker {Worker} has said nothing for {Seconds:0.0} s; its {Rows} outbox rows and {Runs} jobs go on elsewhere")]
    public static partial void WorkerBuried(this ILogger logger, string worker, double seconds, int rows, int runs);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Information, Message = "{Job} of {Key} is handed back, because the worker stops")]
    public static partial void HandedBack(this ILogger logger, string job, string key);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Warning, Message = "The schedule has a job {Job} that this release does not know")]
    public static partial void JobUnknown(this ILogger logger, string job);

    [LoggerMessage(EventId = 5008, Level = LogLevel.Information, Message = "{By} {Did} {Work}")]
    public static partial void Decided(this ILogger logger, string by, string did, string work);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Information, Message = "Job {Job} recurs no longer")]
    public static partial void JobForgotten(this ILogger logger, string job);
}
