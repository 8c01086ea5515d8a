using Retail.Core.Common;

namespace Retail.Core.Orders;

/// <summary>Why an order is refused. The codes are part of the API.</summary>
public static class OrderErrors
{
    /// <summary>Nothing to order.</summary>
    public static readonly ServiceError Empty = new(Refusal.Invalid, "no_lines", "There is nothing in this order. Add a product first.");

    /// <summary>More lines than one order takes.</summary>
    public static readonly ServiceError TooManyLines = new(Refusal.Invalid, "too_many_lines", "An order takes at most 50 different products. Split it into two orders.");

    /// <summary>A quantity out of range.</summary>
    public static readonly ServiceError BadQuantity = new(Refusal.Invalid, "bad_quantity", "Each line takes 1 to 20 units. Change the quantity.");

    /// <summary>No such shipping method.</summary>
    public static readonly ServiceError UnknownShipping = new(Refusal.Invalid, "unknown_shipping_method", "This way of shipping is not offered. Choose another one.");

    /// <summary>A variant that is not sold.</summary>
    public static readonly ServiceError UnknownVariant = new(Refusal.NotFound, "unknown_variant", "A product of this order is no longer sold. Remove it and order again.");

    /// <summary>The key belongs to another order.</summary>
    public static readonly ServiceError KeyReused = new(Refusal.Conflict, "idempotency_key_reused", "This key was used for another order. Use a new key for a new order.");

    /// <summary>More orders than the store can take at this moment.</summary>
    public static readonly ServiceError Busy = new(Refusal.Unavailable, "busy", "Many people are ordering at this moment. Nothing was ordered; please try again in a few seconds.");

    /// <summary>The database did not confirm the order. Should its last commit have got through unheard, the same key finds the order.</summary>
    public static readonly ServiceError NotTaken = new(Refusal.Unavailable, "not_taken", "The order could not be confirmed. Please try again in a moment: trying again never orders or charges twice.");

    /// <summary>No such order, or another person's.</summary>
    public static readonly ServiceError Unknown = new(Refusal.NotFound, "unknown_order", "There is no such order. Check the number and the email address.");

    /// <summary>The parcel has left.</summary>
    public static readonly ServiceError HasLeft = new(Refusal.Conflict, "has_left", "This order has left the warehouse and can't be cancelled any more. Send it back and we pay you back.");

    /// <summary>The gateway does not say whether the money moved.</summary>
    public static readonly ServiceError GatewayAway = new(Refusal.Unavailable, "gateway_away",
        "The payment service does not answer, so we can't tell whether the order was paid. Nothing was cancelled; please try again in a few minutes.");

    /// <summary>Not paid, cancelled, or sent before.</summary>
    public static readonly ServiceError CannotBeShipped = new(Refusal.Conflict, "cannot_be_shipped", "Only a paid order that has not left can be marked as shipped. Look at it again.");

    /// <summary>No reason, or too long a one.</summary>
    public static readonly ServiceError NoReason = new(Refusal.Invalid, "no_reason", "Write why the order is cancelled, in at most 200 characters. The shopper reads it.", "Reason");

    /// <summary>Too many words.</summary>
    public static readonly ServiceError TrackingTooLong = new(Refusal.Invalid, "tracking_too_long", "Shorten the tracking text to 200 characters.", "Tracking");

    /// <summary>Fewer units than asked for.</summary>
    public static ServiceError SoldOut(string name, int left) => new(Refusal.Conflict, "sold_out", left > 0
        ? $"Only {left} of \u201c{name}\u201d left. Lower the quantity and order again."
        : $"\u201c{name}\u201d has just sold out. Remove it and order again.");

    /// <summary>The set-aside of a flash sale has fewer units left than asked for.</summary>
    public static ServiceError FlashSoldOut(string name, int left, Money now) => new(Refusal.Conflict, "flash_sold_out", left > 0
        ? $"Only {left} of \u201c{name}\u201d left at the flash price. Lower the quantity and order again."
        : $"The flash sale of \u201c{name}\u201d has just sold out. It now costs {now}: check the new total before you order.");

    /// <summary>The shopper saw the price of a sale that is over.</summary>
    public static ServiceError FlashEnded(string name, Money now) => new(Refusal.Conflict, "price_changed",
        $"The flash sale of \u201c{name}\u201d has ended: it now costs {now}. Check the new total and order again.");

    /// <summary>More units of a flash sale than one customer gets, earlier orders included.</summary>
    public static ServiceError LimitPerCustomer(string name, int limit, int had) => new(Refusal.Conflict, "limit_per_customer", had >= limit
        ? $"You have already ordered as much of \u201c{name}\u201d as one customer gets at the flash price: {limit}. You can have more after the sale."
        : had > 0 ? $"One customer gets {limit} of \u201c{name}\u201d at the flash price, and you have ordered {had}. Lower the quantity to {limit - had} and order again."
        : $"One customer gets {limit} of \u201c{name}\u201d at the flash price. Lower the quantity to {limit} and order again.");

    /// <summary>The price is another one than the shopper saw.</summary>
    public static ServiceError PriceChanged(string name, Money now) => new(Refusal.Conflict, "price_changed",
        $"The price of \u201c{name}\u201d is now {now}. Check the new total and order again.");
}
