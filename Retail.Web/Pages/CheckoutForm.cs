using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Retail.Core.Common;
using Retail.Core.Payments.Gateway;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages;

/// <summary>What the checkout asks for, beside the card.</summary>
public sealed class CheckoutForm
{
    [Required(ErrorMessage = "Write your email: you find your order again with it."), MaxLength(EmailAttribute.MaxLength), Email]
    public string Email { get; set; } = "";

    [MaxLength(40, ErrorMessage = "A phone number has at most 40 characters."), PlainText]
    public string? Phone { get; set; }

    [Required(ErrorMessage = "Write the name of the person who receives the parcel."), MaxLength(100, ErrorMessage = "Shorten the name to 100 characters."), PlainText]
    public string Name { get; set; } = "";

    [Required(ErrorMessage = "Write street and number."), MaxLength(120, ErrorMessage = "Shorten the street to 120 characters."), PlainText]
    public string Line1 { get; set; } = "";

    [MaxLength(120, ErrorMessage = "Shorten this to 120 characters."), PlainText]
    public string? Line2 { get; set; }

    [Required(ErrorMessage = "Write the town."), MaxLength(80, ErrorMessage = "Shorten the town to 80 characters."), PlainText]
    public string City { get; set; } = "";

    [MaxLength(80, ErrorMessage = "Shorten this to 80 characters."), PlainText]
    public string? Region { get; set; }

    [Required(ErrorMessage = "Write the postcode."), MaxLength(20, ErrorMessage = "A postcode has at most 20 characters."), PlainText]
    public string Postcode { get; set; } = "";

    [Required(ErrorMessage = "Choose a country.")]
    public string Country { get; set; } = "US";

    [Required(ErrorMessage = "Choose how we send your order."), MaxLength(40)]
    public string ShippingMethod { get; set; } = "";

    public Address ToAddress() => new()
    {
        Name = Name.Trim(),
        Line1 = Line1.Trim(),
        Line2 = Line2?.Trim() ?? "",
        City = City.Trim(),
        Region = Region?.Trim() ?? "",
        Postcode = Postcode.Trim(),
        Country = Country,
    };
}

/// <summary>The card as typed: read once, for the gateway, and never shown again.</summary>
public sealed class CardForm
{
    [Required(ErrorMessage = "Write your card number."), MaxLength(30), DataType(DataType.CreditCard)]
    [CreditCard(ErrorMessage = "This is not a card number: please check its digits.")]
    public string Number { get; set; } = "";

    [Required(ErrorMessage = "Write when the card expires, like 04 / 29."), MaxLength(9)]
    public string Expiry { get; set; } = "";

    [Required(ErrorMessage = "Write the security code: the 3 or 4 digits on the card."), MaxLength(4), DataType(DataType.CreditCard)]
    [RegularExpression("^ *[0-9]{3,4} *$", ErrorMessage = "The security code is the 3 or 4 digits on the card.")]
    public string SecurityCode { get; set; } = "";

    [Required(ErrorMessage = "Write the name on the card."), MaxLength(100, ErrorMessage = "Shorten the name to 100 characters."), PlainText]
    public string Name { get; set; } = "";

    /// <summary>Month and year of "04 / 29", "4/2029" or "0429"; null when it is none of these.</summary>
    public (int Month, int Year)? ReadExpiry()
    {
        var digits = string.Concat(Expiry.Where(char.IsAsciiDigit));
        var parts = Expiry.Split(['/', '-', '.', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 1 && digits.Length is 4 or 6) parts = [digits[..2], digits[2..]];
        return parts is [{ Length: <= 2 } month, { Length: 2 or 4 } year]
            && int.TryParse(month, NumberStyles.None, CultureInfo.InvariantCulture, out var m) && m is >= 1 and <= 12
            && int.TryParse(year, NumberStyles.None, CultureInfo.InvariantCulture, out var y) ? (m, y < 100 ? 2000 + y : y) : null;
    }

    /// <summary>Why the card can't be used, as far as it can be told without the bank; null when it may be.</summary>
    public string? RefuseExpiry(DateTimeOffset today) => ReadExpiry() is not { } expiry ? "Write month and year, like 04 / 29."
        : expiry.Year * 12 + expiry.Month < today.Year * 12 + today.Month ? "This card has expired: please use another one." : null;

    public CardDetails ToDetails()
    {
        var (month, year) = ReadExpiry() ?? throw new InvalidOperationException("The expiry is checked before.");
        return new(Number, month, year, SecurityCode, Name.Trim());
    }
}
