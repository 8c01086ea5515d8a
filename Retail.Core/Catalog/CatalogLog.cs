using Microsoft.Extensions.Logging;

namespace Retail.Core.Catalog;

internal static partial class CatalogLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Read {Products} products into memory in {Milliseconds:0} ms")]
    public static partial void Loaded(this ILogger logger, int products, double milliseconds);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "The connection that tells of catalogue changes was lost; reading everything again when it is back")]
    public static partial void ListeningLost(this ILogger logger, Exception e);
}
