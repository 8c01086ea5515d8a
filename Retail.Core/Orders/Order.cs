using Retail.Core.Common;

namespace Retail.Core.Orders;

/// <summary>Where an order stands. The only changes are those of <see cref="Order.MayBecome"/>.</summary>
public enum OrderStatus
{
    /// <summary>Accepted: its stock is reserved, its payment is being asked for.</summary>
    Placed,

    /// <summary>The gateway did not answer: the stock stays reserved and the worker settles the payment.</summary>
    PaymentPending,

    /// <summary>The money is captured, the units have left the stock.</summary>
    Paid,

    /// <summary>Came to nothing: the stock is released. If money was captured, all of it goes back.</summary>
    Cancelled,

    /// <summary>Handed to the carrier: no more to be cancelled.</summary>
    Shipped,

    /// <summary>A part of the money went back.</summary>
    PartiallyRefunded,

    /// <summary>All of the money went back.</summary>
    Refunded,
}

/// <summary>An order. It comes to be in <see cref="OrderIntake"/> alone, which writes its rows in bulk; this class reads them and guards what follows.</summary>
public sealed class Order
{
    private readonly List<OrderLine> _lines = [];
    private readonly List<OrderTransition> _transitions = [];

    private Order() { }

    /// <summary>UUIDv7, made before the insert, so that an accepted order has its address at once.</summary>
    public Guid Id { get; private init; }

    /// <summary>What people say on the phone; unique and rising, with gaps.</summary>
    public long Number { get; private init; }

    /// <summary>Who bought; null for a guest.</summary>
    public Guid? CustomerId { get; private init; }

    /// <summary>Where mail goes; with the number it is a guest's way back to the order.</summary>
    public string Email { get; private init; } = "";

    /// <summary>For the carrier; may be empty.</summary>
    public string Phone { get; private init; } = "";

    /// <summary>Where the parcel goes.</summary>
    public Address ShippingAddress { get; private init; } = null!;

    /// <summary>Code of the shipping method.</summary>
    public string ShippingMethod { get; private init; } = "";

    /// <summary>Sum of the lines.</summary>
    public Money Subtotal { get; private init; }

    /// <summary>Price of the shipping method when the order was placed.</summary>
    public Money Shipping { get; private init; }

    /// <summary>What is charged: subtotal and shipping.</summary>
    public Money Total { get; private init; }

    /// <summary>Where it stands.</summary>
    public OrderStatus Status { get; private set; }

    /// <summary>Unique key that the caller chose: the same key is the same order.</summary>
    public string IdempotencyKey { get; private init; } = "";

    /// <summary>SHA-256 of what was ordered, in hex: the same key with another content is refused.</summary>
    public string RequestHash { get; private init; } = "";

    /// <summary>The cart it was made from; emptied when the order is kept.</summary>
    public Guid? CartId { get; private init; }

    /// <summary>Why it was cancelled, in words for the shopper.</summary>
    public string? CancelReason { get; private set; }

    /// <summary>The drill that placed it; null for a shopper's. Sales figures leave drills out.</summary>
    public Guid? DrillId { get; private init; }

    /// <summary>When it was accepted, UTC.</summary>
    public DateTimeOffset PlacedAt { get; private init; }

    /// <summary>When it was handed to the carrier, UTC.</summary>
    public DateTimeOffset? ShippedAt { get; private set; }

    /// <summary>The carrier and its number, in an admin's words.</summary>
    public string? Tracking { get; private set; }

    /// <summary>Row version.</summary>
    public uint Version { get; private init; }

    /// <summary>What was bought, in the order of the request.</summary>
    public IReadOnlyList<OrderLine> Lines => _lines;

    /// <summary>Every change of status: when, by whom and why, oldest first.</summary>
    public IReadOnlyList<OrderTransition> Transitions => _transitions;

    /// <summary>Its payment may still be asked for: it is neither paid nor cancelled.</summary>
    public bool AwaitsPayment => Status is OrderStatus.Placed or OrderStatus.PaymentPending;

    /// <summary>It may still be called off: the parcel has not left. The button, the service and <see cref="Cancel"/> all ask this.</summary>
    public bool MayBeCancelled => MayBeCancelledAt(Status, ShippedAt);

    /// <summary>It is paid, at least in part, and the parcel has not left.</summary>
    public bool MayBeShipped => ShippedAt is null && MayBecome(Status, OrderStatus.Shipped);

    /// <summary>The state machine, in one place; drawn in docs/order-states.md.</summary>
    public static bool MayBecome(OrderStatus from, OrderStatus to) => from switch
    {
        OrderStatus.Placed => to is OrderStatus.Paid or OrderStatus.PaymentPending or OrderStatus.Cancelled,
        OrderStatus.PaymentPending => to is OrderStatus.Paid or OrderStatus.Cancelled,
        OrderStatus.Paid => to is OrderStatus.Shipped or OrderStatus.Cancelled or OrderStatus.PartiallyRefunded or OrderStatus.Refunded,
        OrderStatus.PartiallyRefunded => to is OrderStatus.Shipped or OrderStatus.Cancelled or OrderStatus.Refunded,
        OrderStatus.Shipped => to is OrderStatus.PartiallyRefunded or OrderStatus.Refunded,
        OrderStatus.Cancelled => to is OrderStatus.Refunded,
        OrderStatus.Refunded => false,
        _ => throw new ArgumentOutOfRangeException(nameof(from), from, "Not a status."),
    };

    /// <summary>As <see cref="MayBeCancelled"/>, for a view of an order.</summary>
    public static bool MayBeCancelledAt(OrderStatus status, DateTimeOffset? shippedAt) => shippedAt is null && MayBecome(status, OrderStatus.Cancelled);

    /// <summary>The money is captured.</summary>
    public void MarkPaid(string by, DateTimeOffset now) => Become(OrderStatus.Paid, by, "Payment captured", now);

    /// <summary>The gateway gave no answer; the worker will ask again.</summary>
    public void MarkPaymentPending(string by, string why, DateTimeOffset now) => Become(OrderStatus.PaymentPending, by, why, now);

    /// <summary>The order comes to nothing; the caller puts back its stock, and pays back what was captured, in the same transaction.</summary>
    public void Cancel(string by, string why, DateTimeOffset now)
    {
        if (!MayBeCancelled) throw new InvalidOperationException($"Order {Id} has left the warehouse.");
        Become(OrderStatus.Cancelled, by, why, now);
        CancelReason = why;
    }

    /// <summary>The parcel leaves.</summary>
    public void Ship(string by, string tracking, DateTimeOffset now)
    {
        if (!MayBeShipped) throw new InvalidOperationException($"Order {Id} is {Status} and can't be shipped.");
        Become(OrderStatus.Shipped, by, tracking.Length == 0 ? "Handed to the carrier" : tracking, now);
        (ShippedAt, Tracking) = (now, tracking);
    }

    /// <summary>Money went back.</summary>
    /// <param name="isAll">Nothing that was captured is left. A cancelled order, and one that was refunded in part before, say nothing new until then.</param>
    /// <param name="by">Who.</param>
    /// <param name="why">In words.</param>
    /// <param name="now">When.</param>
    public void NoteRefund(bool isAll, string by, string why, DateTimeOffset now)
    {
        var to = isAll ? OrderStatus.Refunded : OrderStatus.PartiallyRefunded;
        if (MayBecome(Status, to)) Become(to, by, why, now);
    }

    private void Become(OrderStatus to, string by, string why, DateTimeOffset now)
    {
        if (!MayBecome(Status, to)) throw new InvalidOperationException($"Order {Id} is {Status} and can't become {to}.");
        _transitions.Add(new OrderTransition(Id, Status, to, by, why, now));
        Status = to;
    }
}

/// <summary>Some units of one variant in an order, with name and price as they were.</summary>
public sealed class OrderLine
{
    private OrderLine() { }

    /// <summary>The order.</summary>
    public Guid OrderId { get; private init; }

    /// <summary>Place in the order, from 1.</summary>
    public int Position { get; private init; }

    /// <summary>The variant.</summary>
    public Guid VariantId { get; private init; }

    /// <summary>Its SKU when it was bought.</summary>
    public string Sku { get; private init; } = "";

    /// <summary>The product's name when it was bought.</summary>
    public string Name { get; private init; } = "";

    /// <summary>"M / Blue", or empty.</summary>
    public string OptionText { get; private init; } = "";

    /// <summary>Price of a unit, read inside the admission's lock.</summary>
    public Money UnitPrice { get; private init; }

    /// <summary>Units.</summary>
    public int Quantity { get; private init; }

    /// <summary>Unit price times quantity.</summary>
    public Money LineTotal { get; private init; }

    /// <summary>The flash sale that gave the price; null at the normal price.</summary>
    public Guid? FlashSaleId { get; private init; }

    /// <summary>Whom the sale's limit counts this line for: the customer's id, or a guest's email in lower case; null at the normal price.</summary>
    public string? FlashBuyer { get; private init; }
}

/// <summary>A change of an order's status: append only.</summary>
public sealed class OrderTransition
{
    private OrderTransition() { }

    internal OrderTransition(Guid orderId, OrderStatus? from, OrderStatus to, string by, string why, DateTimeOffset now) =>
        (OrderId, FromStatus, ToStatus, By, Why, At) = (orderId, from, to, by, why, now);

    /// <summary>Key, rising.</summary>
    public long Id { get; private init; }

    /// <summary>The order.</summary>
    public Guid OrderId { get; private init; }

    /// <summary>Before; null for the first.</summary>
    public OrderStatus? FromStatus { get; private init; }

    /// <summary>After.</summary>
    public OrderStatus ToStatus { get; private init; }

    /// <summary>Who: shopper, worker, gateway or an admin's name.</summary>
    public string By { get; private init; } = "";

    /// <summary>Why, in words.</summary>
    public string Why { get; private init; } = "";

    /// <summary>When, UTC.</summary>
    public DateTimeOffset At { get; private init; }
}
