using System.Globalization;
using Retail.Core.Orders;

namespace Retail.Web.Infrastructure;

/// <summary>How shoppers read an order's status and times.</summary>
public static class OrderText
{
    public static string Of(OrderStatus status) => status switch
    {
        OrderStatus.Placed => "Placed",
        OrderStatus.PaymentPending => "Payment pending",
        OrderStatus.Paid => "Paid",
        OrderStatus.Cancelled => "Cancelled",
        OrderStatus.Shipped => "Sent",
        OrderStatus.PartiallyRefunded => "Partly refunded",
        OrderStatus.Refunded => "Refunded",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    /// <summary>The class of its badge.</summary>
    public static string Badge(OrderStatus status) => status switch
    {
        OrderStatus.Placed => "",
        OrderStatus.PaymentPending => "warn",
        OrderStatus.Paid => "good",
        OrderStatus.Cancelled => "bad",
        OrderStatus.Shipped => "good",
        OrderStatus.PartiallyRefunded => "warn",
        OrderStatus.Refunded => "warn",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    /// <summary>Who changed an order, in the shopper's eyes: no admin's name is his business.</summary>
    public static string Who(OrderStepView step) => step.By switch
    {
        // In the shopper's own request, too, it is the payment service that pays or does not answer.
        "shopper" when step.To is OrderStatus.Placed or OrderStatus.Cancelled => "you",
        "shopper" or "worker" or "gateway" => "the payment service",
        _ => "the shop",
    };

    public static string Day(DateTimeOffset at) => at.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    public static string Moment(DateTimeOffset at) => at.ToString("d MMM, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The brand as its owner writes it.</summary>
    public static string Card(string brand, string last4) => (brand switch
    {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        _ => "Card",
    }) + " ending in " + last4;
}
