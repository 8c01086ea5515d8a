using Microsoft.Extensions.Logging;

namespace Retail.Core.Flags;

internal static partial class FlagsLog
{
    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "{Words} ({Flag}=true)")]
    public static partial void NewPath(this ILogger logger, string words, string flag);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Information, Message = "{Words} ({Flag}=false)")]
    public static partial void LegacyPath(this ILogger logger, string words, string flag);

    [LoggerMessage(EventId = 1203, Level = LogLevel.Warning, Message = "The connection that tells of switched flags was lost; reading them again when it is back")]
    public static partial void FlagsUnheard(this ILogger logger, Exception e);

    [LoggerMessage(EventId = 1204, Level = LogLevel.Information, Message = "{Flag} switched by {By}; acting on it {Seconds:0.000} s later")]
    public static partial void Switched(this ILogger logger, FeatureFlag flag, string by, double seconds);
}
