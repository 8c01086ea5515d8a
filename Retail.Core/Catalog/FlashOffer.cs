namespace Retail.Core.Catalog;

/// <summary>A flash sale as pages show it. Its units change in place; when it begins or ends its product is read again.</summary>
public sealed class FlashOffer
{
    private int _left;

    /// <summary>Key of the sale.</summary>
    public required Guid Id { get; init; }

    /// <summary>Price of a unit, in the store's currency.</summary>
    public required decimal Price { get; init; }

    /// <summary>It begins, UTC.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>It is over, UTC.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>The most units for one customer.</summary>
    public required int LimitPerCustomer { get; init; }

    /// <summary>It had begun when it was read.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>Units of the set-aside that are left.</summary>
    public int Left { get => Volatile.Read(ref _left); init => _left = value; }

    /// <summary>Sets the units that are left; true when what pages show of them changed.</summary>
    internal bool SetLeft(int units) => FlashStep.Of(Interlocked.Exchange(ref _left, units)) != FlashStep.Of(units);
}

/// <summary>Pages show the units of a flash sale in steps: in a rush a page changes when the step does, not at every sale.</summary>
public static class FlashStep
{
    /// <summary>Up to so many are told one by one. The trigger in the database knows the same steps.</summary>
    public const int Exact = 10;

    /// <summary>The units themselves up to <see cref="Exact"/>, then tens, then hundreds.</summary>
    public static int Of(int left) => left <= Exact ? left : left <= 100 ? left / 10 * 10 : left / 100 * 100;

    /// <summary>In words: "3 left", "40+ left".</summary>
    public static string Words(int left) => left <= Exact ? $"{left} left" : $"{Of(left)}+ left";
}
