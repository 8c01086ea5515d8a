using Microsoft.Extensions.Logging;

namespace Retail.Core.Notifications;

internal static partial class NotificationsLog
{
    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "No mail provider is set: mail is written to {Folder} and goes nowhere")]
    public static partial void MailGoesToFolder(this ILogger logger, string folder);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "{Provider} did not take {Key}: {Why}")]
    public static partial void NotTaken(this ILogger logger, string provider, string key, string why);
}
