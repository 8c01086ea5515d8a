using Retail.Core.Common;

namespace Retail.Core.Orders;

/// <summary>Why money does not go back.</summary>
public static class RefundErrors
{
    /// <summary>Nothing was captured.</summary>
    public static readonly ServiceError NotPaid = new(Refusal.Conflict, "not_paid", "This order is not paid, so there is nothing to pay back. Cancel it instead.");

    /// <summary>All of it went back.</summary>
    public static readonly ServiceError NothingLeft = new(Refusal.Conflict, "nothing_left", "All that was paid for this order has gone back or is on its way. Look at its refunds.");

    /// <summary>Neither lines nor an amount.</summary>
    public static readonly ServiceError NoAmount = new(Refusal.Invalid, "no_amount", "Say how much goes back: units of lines, or an amount above zero.", "Amount");

    /// <summary>No reason, or too long a one.</summary>
    public static readonly ServiceError NoReason = new(Refusal.Invalid, "no_reason", "Write why the money goes back, in at most 300 characters. The shopper reads it.", "Reason");

    /// <summary>No such line, or a negative quantity.</summary>
    public static readonly ServiceError BadQuantity = new(Refusal.Invalid, "bad_quantity", "Write units as a whole number, from 0 to what was bought.");

    /// <summary>The key belongs to another order's refund.</summary>
    public static readonly ServiceError KeyReused = new(Refusal.Conflict, "idempotency_key_reused", "This form was used for another refund. Open the order again.");

    /// <summary>An amount has no units.</summary>
    public static readonly ServiceError NothingToRestock = new(Refusal.Invalid, "nothing_to_restock", "Say which units go back into stock, or untick it.", "Restock");

    /// <summary>More than is left.</summary>
    public static ServiceError TooMuch(Money left) => new(Refusal.Conflict, "too_much", $"At most {left} can still go back for this order. Enter that or less as the amount.", "Amount");

    /// <summary>More units than are left of a line.</summary>
    public static ServiceError TooManyUnits(string name, int left) => new(Refusal.Conflict, "too_many_units", $"Of \u201c{name}\u201d, {left} units can still be refunded. Lower the number.");

    /// <summary>The units were put back with an earlier refund.</summary>
    public static ServiceError RestockedBefore(string name) => new(Refusal.Conflict, "restocked_before", $"Units of \u201c{name}\u201d are back in stock already. Untick it to pay back money alone.", "Restock");
}
