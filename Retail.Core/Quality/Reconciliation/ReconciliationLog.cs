using Microsoft.Extensions.Logging;

namespace Retail.Core.Quality.Reconciliation;

internal static partial class ReconciliationLog
{
    [LoggerMessage(EventId = 6101, Level = LogLevel.Information, Message = "Reconciliation {RunId}: {Checked} variants and all orders agree, {Warnings} warnings")]
    public static partial void BooksAgree(this ILogger logger, Guid runId, int @checked, int warnings);

    [LoggerMessage(EventId = 6102, Level = LogLevel.Error, Message = "Reconciliation {RunId} is CRITICAL: {Differences} differences (stock {Stock}, totals {Totals}, payments {Payments}, orphans {Orphans})")]
    public static partial void BooksDiffer(this ILogger logger, Guid runId, int differences, int stock, int totals, int payments, int orphans);
}
