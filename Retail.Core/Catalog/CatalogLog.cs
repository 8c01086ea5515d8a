using Microsoft.Extensions.Logging;

namespace Retail.Core.Catalog;

internal static partial class CatalogLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Read {Products} products into memory in {Milliseconds:0} ms")]
    public static partial void Loaded(this ILogger logger, int products, double milliseconds);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "The connection that tells of catalogue changes was lost; reading everything again when it is back")]
    public static partial void ListeningLost(this ILogger logger, Exception e);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "{Products} products are more than the {Most} that Catalog:MaxProductsInMemory allows: using legacy implementation, each list and product page is read from the database")]
    public static partial void TooMany(this ILogger logger, int products, int most);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "Listed products: count={Count}, page={Page}/{Pages}")]
    public static partial void Listed(this ILogger logger, int count, int page, int pages);
}
