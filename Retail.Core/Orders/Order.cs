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

    /// <summary>Came to nothing: the stock is released.</summary>
    Cancelled,
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

    /// <summary>When it was accepted, UTC.</summary>
    public DateTimeOffset PlacedAt { get; private init; }

    /// <summary>Row version.</summary>
    public uint Version { get; private init; }

    /// <summary>What was bought, in the order of the request.</summary>
    public IReadOnlyList<OrderLine> Lines => _lines;

    /// <summary>Every change of status: when, by whom and why, oldest first.</summary>
    public IReadOnlyList<OrderTransition> Transitions => _transitions;

    /// <summary>Its payment may still be asked for: it is neither paid nor cancelled.</summary>
    public bool AwaitsPayment => Status is OrderStatus.Placed or OrderStatus.PaymentPending;

    /// <summary>The state machine, in one place.</summary>
    public static bool MayBecome(OrderStatus from, OrderStatus to) => from switch
    {
        OrderStatus.Placed => to is OrderStatus.Paid or OrderStatus.PaymentPending or OrderStatus.Cancelled,
        OrderStatus.PaymentPending => to is OrderStatus.Paid or OrderStatus.Cancelled,
        OrderStatus.Paid => false,
        OrderStatus.Cancelled => false,
        _ => throw new ArgumentOutOfRangeException(nameof(from), from, "Not a status."),
    };

    /// <summary>The money is captured.</summary>
    public void MarkPaid(string by, DateTimeOffset now) => Become(OrderStatus.Paid, by, "Payment captured", now);

    /// <summary>The gateway gave no answer; the worker will ask again.</summary>
    public void MarkPaymentPending(string by, string why, DateTimeOffset now) => Become(OrderStatus.PaymentPending, by, why, now);

    /// <summary>The order comes to nothing; the caller releases its stock in the same transaction.</summary>
    public void Cancel(string by, string why, DateTimeOffset now)
    {
        Become(OrderStatus.Cancelled, by, why, now);
        CancelReason = why;
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
