using Microsoft.Extensions.Logging;

namespace Retail.Core.Quality.Drills;

internal static partial class DrillsLog
{
    [LoggerMessage(EventId = 8101, Level = LogLevel.Information, Message = "Drill {Drill} {DrillId} begins, asked by {AskedBy}")]
    public static partial void DrillBegins(this ILogger logger, string drill, Guid drillId, string askedBy);

    [LoggerMessage(EventId = 8102, Level = LogLevel.Information, Message = "Drill {Drill} {DrillId} ended: {Status} after {Seconds} s")]
    public static partial void DrillEnded(this ILogger logger, string drill, Guid drillId, DrillStatus status, double seconds);

    [LoggerMessage(EventId = 8103, Level = LogLevel.Error, Message = "Drill {Drill} {DrillId} broke")]
    public static partial void DrillBroke(this ILogger logger, Exception e, string drill, Guid drillId);

    [LoggerMessage(EventId = 8104, Level = LogLevel.Information, Message = "Cleared away {Rows} rows that drills had made")]
    public static partial void Cleared(this ILogger logger, int rows);

    [LoggerMessage(EventId = 8109, Level = LogLevel.Warning, Message = "What the scenarios' queries say of the orders of drill {DrillId} could not be written down")]
    public static partial void EvidenceNotKept(this ILogger logger, Exception e, Guid drillId);

    [LoggerMessage(EventId = 8105, Level = LogLevel.Warning, Message = "What drill {DrillId} made could not be cleared away now; the job drill-leftovers does it")]
    public static partial void ClearedLater(this ILogger logger, Exception e, Guid drillId);

    [LoggerMessage(EventId = 8106, Level = LogLevel.Warning, Message = "A drill can't hear at this moment whether it is to stop")]
    public static partial void WatchAway(this ILogger logger, Exception e);
}
