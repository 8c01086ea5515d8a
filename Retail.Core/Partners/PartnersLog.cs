using Microsoft.Extensions.Logging;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners;

internal static partial class PartnersLog
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "Feed run {RunId} of {Partner} is {Status}: {Rows} rows, {Rejected} rejected, in {Seconds} s")]
    public static partial void Ended(this ILogger logger, Guid runId, string partner, FeedRunStatus status, int rows, int rejected, double seconds);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Warning, Message = "Feed run {RunId} of {Partner} waits for an admin: {Reason}")]
    public static partial void Held(this ILogger logger, Guid runId, string partner, string reason);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Warning, Message = "The feed of {Partner} could not be fetched: {Reason}")]
    public static partial void PullFailed(this ILogger logger, string partner, string reason);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Information, Message = "The feed of {Partner} was fetched: {Bytes} bytes")]
    public static partial void Pulled(this ILogger logger, string partner, long bytes);
}
