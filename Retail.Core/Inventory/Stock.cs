namespace Retail.Core.Inventory;

/// <summary>How many units of a variant there are. Changed by Inventory and by the order intake alone, always together with a movement.</summary>
public sealed class StockItem
{
    /// <summary>The variant; one row each.</summary>
    public Guid VariantId { get; init; }

    /// <summary>Units in the warehouse.</summary>
    public int OnHand { get; private init; }

    /// <summary>Units of those promised to orders that are not yet paid; between 0 and <see cref="OnHand"/> by a constraint.</summary>
    public int Reserved { get; private init; }

    /// <summary>Units that can still be sold.</summary>
    public int Available => OnHand - Reserved;
}

/// <summary>A variant that the shop was last told to be running low.</summary>
public sealed class LowStockItem
{
    /// <summary>The variant; one row each.</summary>
    public Guid VariantId { get; init; }

    /// <summary>The mail that told of it, together with others.</summary>
    public Guid NoticeId { get; init; }

    /// <summary>When that was promised, UTC.</summary>
    public DateTimeOffset ToldAt { get; init; }
}

/// <summary>Why stock changed.</summary>
public enum StockMovementKind
{
    /// <summary>An admin, an import or a feed set the number.</summary>
    Adjusted,

    /// <summary>Promised to an order.</summary>
    Reserved,

    /// <summary>A promise taken back: the order was cancelled or its payment declined.</summary>
    Released,

    /// <summary>Paid: the units leave the warehouse.</summary>
    Sold,

    /// <summary>Came back with a return or a refund.</summary>
    Restocked,
}

/// <summary>A line of the stock ledger: append only; its sums are the stock.</summary>
public sealed class StockMovement
{
    /// <summary>Key, rising.</summary>
    public long Id { get; private init; }

    /// <summary>The variant.</summary>
    public Guid VariantId { get; init; }

    /// <summary>Why.</summary>
    public StockMovementKind Kind { get; init; }

    /// <summary>Change of units on hand.</summary>
    public int OnHandDelta { get; init; }

    /// <summary>Change of units reserved.</summary>
    public int ReservedDelta { get; init; }

    /// <summary>The order that caused it, if one did.</summary>
    public Guid? OrderId { get; init; }

    /// <summary>Who or what caused it otherwise; may be empty.</summary>
    public string Note { get; init; } = "";

    /// <summary>When, UTC.</summary>
    public DateTimeOffset At { get; init; }
}
