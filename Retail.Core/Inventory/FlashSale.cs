using Retail.Core.Common;

namespace Retail.Core.Inventory;

/// <summary>Some units of a variant at a lower price for a while. A variant has one sale at a time: the database refuses windows that overlap.</summary>
public sealed class FlashSale
{
    /// <summary>The most units that a sale sets aside.</summary>
    public const int MaxQuantity = 1_000_000;

    /// <summary>The most units that a sale gives to one customer.</summary>
    public const int MaxLimitPerCustomer = 100;

    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>What is sold; fixed, because orders refer to the sale.</summary>
    public Guid VariantId { get; init; }

    /// <summary>Price of a unit while the sale runs.</summary>
    public Money Price { get; set; }

    /// <summary>From this moment on, UTC.</summary>
    public DateTimeOffset StartsAt { get; set; }

    /// <summary>Until this moment, which is no longer part of it, UTC.</summary>
    public DateTimeOffset EndsAt { get; set; }

    /// <summary>Units that are sold at this price.</summary>
    public int Quantity { get; set; }

    /// <summary>Units promised or sold at this price, those of cancelled orders not counted. Changed by the order intake and by Inventory alone; between 0 and <see cref="Quantity"/> by a constraint.</summary>
    public int Sold { get; private init; }

    /// <summary>The most units for one customer; for guests, for one email address.</summary>
    public int LimitPerCustomer { get; set; }

    /// <summary>Last change by an admin, UTC; forms carry it, so that nobody overwrites another one's change unseen.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Where it stands at a moment.</summary>
    public FlashPhase PhaseAt(DateTimeOffset now) => now < StartsAt ? FlashPhase.Coming : now < EndsAt ? FlashPhase.Running : FlashPhase.Over;
}

/// <summary>Where a flash sale stands.</summary>
public enum FlashPhase
{
    /// <summary>It has not begun.</summary>
    Coming,

    /// <summary>Its price counts, while units are left.</summary>
    Running,

    /// <summary>The normal price counts again.</summary>
    Over,
}
