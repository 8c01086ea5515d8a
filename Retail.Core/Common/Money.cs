using System.Globalization;

namespace Retail.Core.Common;

/// <summary>An amount in one currency, rounded to cents when it is made (half away from zero, as tills do).</summary>
public readonly record struct Money
{
    /// <summary>Makes an amount; rounds it to two decimals.</summary>
    /// <param name="amount">The amount in the currency's main unit (dollars, not cents).</param>
    /// <param name="currency">ISO 4217 code, three capital letters.</param>
    public Money(decimal amount, string currency)
    {
        Amount = decimal.Round(amount, 2, MidpointRounding.AwayFromZero);
        Currency = currency;
    }

    /// <summary>The amount in the currency's main unit, two decimals.</summary>
    public decimal Amount { get; private init; }

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; private init; }

    /// <summary>The amount in the currency's smallest unit, as payment gateways want it.</summary>
    public long Cents => (long)(Amount * 100m);

    /// <summary>Nothing, in the given currency.</summary>
    public static Money Zero(string currency) => new(0m, currency);

    /// <summary>Adds; throws <see cref="InvalidOperationException"/> when the currencies differ.</summary>
    public static Money operator +(Money left, Money right) => new(left.Amount + right.SameCurrency(left), left.Currency);

    /// <summary>Subtracts; throws <see cref="InvalidOperationException"/> when the currencies differ.</summary>
    public static Money operator -(Money left, Money right) => new(left.Amount - right.SameCurrency(left), left.Currency);

    /// <summary>Multiplies, as in unit price times quantity.</summary>
    public static Money operator *(Money unit, int quantity) => new(unit.Amount * quantity, unit.Currency);

    /// <summary>For logs and mails: "12.50 USD". Pages use the money tag helper.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Amount:0.00} {Currency}");

    private decimal SameCurrency(Money other) => Currency == other.Currency
        ? Amount
        : throw new InvalidOperationException($"{Currency} and {other.Currency} can't be added.");
}
