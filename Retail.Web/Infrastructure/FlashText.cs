using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using Retail.Core.Catalog;
using Retail.Core.Common;

namespace Retail.Web.Infrastructure;

/// <summary>How pages write flash sales: with plain times, which a script turns into a countdown.</summary>
public static class FlashText
{
    /// <summary>"21 Nov, 18:00 UTC".</summary>
    public static string When(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>When a running sale ends.</summary>
    public static IHtmlContent Ends(FlashOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return Time(offer.EndsAt, "left", $"Ends {When(offer.EndsAt)}");
    }

    /// <summary>Above a product's price: how long and how many, from when, or that the set-aside is gone.</summary>
    public static IHtmlContent Banner(VariantCard variant, FlashOffer offer, string currency)
    {
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentNullException.ThrowIfNull(offer);
        var html = new HtmlContentBuilder();
        if (offer is { IsRunning: true, Left: 0 })
            return html.AppendHtml("<p class=\"notice\"><span>The flash sale has sold out. What you see is the normal price.</span></p>");
        // As many as there are: the set-aside may be larger than the stock that is left.
        var left = variant.Available <= StockStep.Few ? Math.Min(offer.Left, variant.Available) : offer.Left;
        html.AppendHtml("<aside class=\"flash\" aria-label=\"Flash sale\"><p><b>Flash sale</b> <span>")
            .Append(!offer.IsRunning ? $"{PriceText.Of(offer.Price, currency)} instead of {PriceText.Of(variant.Price, currency)}"
                : $"{(left == 0 ? "Sold out" : FlashStep.Words(left))}, at most {offer.LimitPerCustomer} for each customer")
            .AppendHtml("</span></p> ");
        html.AppendHtml(offer.IsRunning ? Ends(offer) : Time(offer.StartsAt, "starts", $"Starts {When(offer.StartsAt)}"));
        return html.AppendHtml("</aside>");
    }

    private static HtmlString Time(DateTimeOffset at, string counts, string text) => new(string.Create(CultureInfo.InvariantCulture,
        $"<time datetime=\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\" data-countdown=\"{counts}\">{HtmlEncoder.Default.Encode(text)}</time>"));
}
