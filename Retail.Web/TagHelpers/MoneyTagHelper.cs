using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Retail.Core.Common;

namespace Retail.Web.TagHelpers;

/// <summary>Shows an amount: &lt;money value="Model.Total" /&gt;.</summary>
[HtmlTargetElement("money", TagStructure = TagStructure.WithoutEndTag)]
public sealed class MoneyTagHelper : TagHelper
{
    public Money Value { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetContent(PriceText.Of(Value));
    }
}

/// <summary>The one place that says how a price is written; lists call it without a tag helper's cost.</summary>
public static class PriceText
{
    public static string Of(Money money) => Of(money.Amount, money.Currency);

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
