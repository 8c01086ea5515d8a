using System.Text.Json;
using Retail.Core.Quality.Measures;

namespace Retail.Web.Api;

/// <summary>The summary of /metrics/api/: a period in numbers, and the one before it. Rates are percent and stand beside what they are of.</summary>
public sealed record SummaryAnswer(int Days, DateTimeOffset From, DateTimeOffset To, string Currency, PeriodAnswer Period, PeriodAnswer Before)
{
    public static SummaryAnswer Of(Period period, Summary now, Summary before, string currency)
    {
        ArgumentNullException.ThrowIfNull(period);
        return new(period.Days, period.From, period.To, currency, PeriodAnswer.Of(now, period), PeriodAnswer.Of(before, period));
    }
}

public sealed record PeriodAnswer(
    OrdersAnswer Orders, RefundsAnswer Refunds, PaymentsAnswer Payments, RequestsAnswer Requests, ResponseTimeAnswer ResponseTimeMs,
    double StockConflicts, double ThrottledRequests, double? CartAbandonment, double? CheckoutConversion, double? SearchesWithoutResult, double? ReadModelHits)
{
    public static PeriodAnswer Of(Summary sum, Period period)
    {
        ArgumentNullException.ThrowIfNull(sum);
        ArgumentNullException.ThrowIfNull(period);
        return new(
            new(sum.Orders, Math.Round(sum.Orders / period.Days, 2), sum.OrderValue, sum.Revenue), new(sum.Refunds, Math.Round(sum.Refunds / period.Days, 2), sum.RefundValue),
            new(sum.Payments.Captured, sum.Payments.Declined, sum.Payments.Abandoned, sum.Payments.Open, Round(sum.PaymentSuccessRate)),
            new(sum.Requests, sum.Errors, sum.ServerErrors, Round(sum.ErrorRate)),
            new(Round(sum.AvgResponseTime), Round(sum.ResponseTime.P50), Round(sum.ResponseTime.P95), Round(sum.ResponseTime.P99)),
            sum.StockConflicts, sum.Throttled, Round(sum.CartAbandonment), Round(sum.CheckoutConversion), Round(sum.EmptySearches), Round(sum.ReadModelHits));
    }

    // JSON has no infinity: a request that took over a minute is told as that minute.
    private static double? Round(double? value) => value is { } number ? Math.Round(double.IsInfinity(number) ? 67_000 : number, 3) : null;
}

public sealed record OrdersAnswer(double Count, double PerDay, double Value, double Revenue);

public sealed record RefundsAnswer(double Count, double PerDay, double Value);

public sealed record PaymentsAnswer(double Captured, double Declined, double Abandoned, double Open, double? SuccessRate);

public sealed record RequestsAnswer(double Count, double Errors, double ServerErrors, double? ErrorRate);

public sealed record ResponseTimeAnswer(double? Mean, double? P50, double? P95, double? P99);

internal static class MetricsJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
