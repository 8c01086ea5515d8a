namespace Retail.Core.Payments.Gateway;

/// <summary>
/// A card as typed, on its way to the gateway. Number and security code are readable by the gateway's client alone: a logger
/// or serialiser that walks public properties finds the last four digits.
/// </summary>
public sealed class CardDetails(string number, int expiryMonth, int expiryYear, string securityCode, string name)
{
    /// <summary>The last four digits.</summary>
    public string Last4 => Number.Length < 4 ? "" : Number[^4..];

    /// <summary>1 to 12.</summary>
    public int ExpiryMonth { get; } = expiryMonth;

    /// <summary>Four digits.</summary>
    public int ExpiryYear { get; } = expiryYear;

    /// <summary>The name on the card.</summary>
    public string Name { get; } = name;

    internal string Number { get; } = string.Concat(number.Where(c => c is not ' ' and not '-'));

    internal string SecurityCode { get; } = securityCode.Trim();

    /// <summary>"card ending 4242".</summary>
    public override string ToString() => $"card ending {Last4}";
}
