using System.ComponentModel.DataAnnotations;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>What a program orders.</summary>
public sealed record PlaceOrder
{
    /// <summary>1 to 50 lines, all of them or none.</summary>
    [Required] public IReadOnlyList<PlaceOrderLine>? Lines { get; init; }

    /// <summary>Where mail goes; the account's address when it is missing.</summary>
    [MaxLength(EmailAttribute.MaxLength), Email] public string? Email { get; init; }

    [MaxLength(40), PlainText] public string? Phone { get; init; }

    [Required] public PlaceOrderAddress? ShippingAddress { get; init; }

    /// <summary>Such as standard or express.</summary>
    [Required, MaxLength(40)] public string ShippingMethod { get; init; } = "";

    [Required] public PlaceOrderPayment? PaymentMethod { get; init; }
}

/// <summary>Some units of a variant, which is named by its id or its SKU.</summary>
public sealed record PlaceOrderLine
{
    public Guid? VariantId { get; init; }

    [MaxLength(64), PlainText] public string? Sku { get; init; }

    /// <summary>1 to 20.</summary>
    public int Quantity { get; init; } = 1;

    /// <summary>The price that the buyer saw: at another one nothing is ordered (price_changed).</summary>
    [Range(0, 1_000_000)] public decimal? ExpectedUnitPrice { get; init; }
}

/// <summary>Where the parcel goes.</summary>
public sealed record PlaceOrderAddress
{
    [Required, MaxLength(100), PlainText] public string Name { get; init; } = "";

    [Required, MaxLength(120), PlainText] public string Line1 { get; init; } = "";

    [MaxLength(120), PlainText] public string? Line2 { get; init; }

    [Required, MaxLength(80), PlainText] public string City { get; init; } = "";

    [MaxLength(80), PlainText] public string? Region { get; init; }

    [Required, MaxLength(20), PlainText] public string Postcode { get; init; } = "";

    /// <summary>ISO 3166-1 alpha-2.</summary>
    [Required, Country] public string Country { get; init; } = "";

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

/// <summary>A card as a token of the gateway; a number is never sent here.</summary>
public sealed record PlaceOrderPayment
{
    [Required, RegularExpression("^pm_[A-Za-z0-9_]{1,97}$", ErrorMessage = "Send a token of the gateway, such as pm_card_visa.")] public string Id { get; init; } = "";

    [MaxLength(20), PlainText] public string? Brand { get; init; }

    [RegularExpression("^[0-9]{4}$")] public string? Last4 { get; init; }

    public PaymentMethodRef ToRef() => new(Id, Brand ?? "card", Last4 ?? "");
}

/// <summary>A country that the store sends to.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CountryAttribute() : ValidationAttribute("Send the two-letter code of a country that we send to, such as US.")
{
    public override bool IsValid(object? value) => value is not string { Length: > 0 } code || Countries.Knows(code);
}
