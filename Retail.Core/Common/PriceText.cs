using System.Globalization;

namespace Retail.Core.Common;

/// <summary>The one place that says how a price is written, on pages and in mails.</summary>
public static class PriceText
{
    /// <summary>"$12.50"; a currency without a sign of its own follows as its code.</summary>
    public static string Of(Money money) => Of(money.Amount, money.Currency);

    /// <inheritdoc cref="Of(Money)"/>
    public static string Of(decimal amount, string currency) => currency switch
    {
        "USD" => amount.ToString("$#,##0.00;-$#,##0.00", CultureInfo.InvariantCulture),
        "EUR" => amount.ToString("\u20ac#,##0.00;-\u20ac#,##0.00", CultureInfo.InvariantCulture),
        "GBP" => amount.ToString("\u00a3#,##0.00;-\u00a3#,##0.00", CultureInfo.InvariantCulture),
        _ => amount.ToString("#,##0.00", CultureInfo.InvariantCulture) + "\u00a0" + currency,
    };

    /// <summary>Without cents that are none: limits and ranges read better so.</summary>
    public static string Brief(decimal amount, string currency)
    {
        var text = Of(amount, currency);
        return decimal.Truncate(amount) == amount ? text.Replace(".00", "", StringComparison.Ordinal) : text;
    }
}
