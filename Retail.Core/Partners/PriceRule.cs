namespace Retail.Core.Partners;

/// <summary>How a price is rounded after the mark-up; always upwards.</summary>
public enum PriceRounding
{
    /// <summary>To the cent.</summary>
    Cents,

    /// <summary>To a price that ends in .95.</summary>
    NinetyFive,

    /// <summary>To a price that ends in .99.</summary>
    NinetyNine,

    /// <summary>To a whole number.</summary>
    Whole,
}

/// <summary>What becomes of a partner's price on its way into the shop: exchange, mark-up, rounding, in this order.</summary>
public readonly record struct PriceRule
{
    /// <summary>Takes prices as they are.</summary>
    public static PriceRule AsIs { get; } = new() { ExchangeRate = 1 };

    /// <summary>Units of the store's currency for one of the partner's; 1 when they are the same.</summary>
    public decimal ExchangeRate { get; init; }

    /// <summary>Percent that are added; negative for a discount.</summary>
    public decimal MarkUpPercent { get; init; }

    /// <summary>How the result is rounded.</summary>
    public PriceRounding Rounding { get; init; }

    /// <summary>The shop's price.</summary>
    public decimal Apply(decimal price)
    {
        var marked = price * ExchangeRate * (1 + MarkUpPercent / 100m);
        return Rounding switch
        {
            PriceRounding.Cents => decimal.Round(marked, 2, MidpointRounding.AwayFromZero),
            PriceRounding.NinetyFive => UpTo(marked, 0.95m),
            PriceRounding.NinetyNine => UpTo(marked, 0.99m),
            PriceRounding.Whole => Math.Ceiling(marked),
            _ => throw new InvalidOperationException($"{Rounding} is no rounding."),
        };
    }

    private static decimal UpTo(decimal price, decimal ending)
    {
        var there = Math.Floor(price) + ending;
        return there >= price ? there : there + 1;
    }
}
