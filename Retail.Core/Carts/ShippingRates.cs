using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Retail.Core.Common;

namespace Retail.Core.Carts;

/// <summary>A way to send a parcel.</summary>
public sealed class ShippingMethod
{
    /// <summary>Stable code, such as standard.</summary>
    [Required, MaxLength(40)] public string Code { get; init; } = "";

    /// <summary>What people read.</summary>
    [Required, MaxLength(60)] public string Name { get; init; } = "";

    /// <summary>How long it takes, in words.</summary>
    [MaxLength(80)] public string Delivery { get; init; } = "";

    /// <summary>Price in the store's currency.</summary>
    [Range(0, 1000)] public decimal Price { get; init; }

    /// <summary>Free from this subtotal on; null for never.</summary>
    [Range(0, 100_000)] public decimal? FreeFrom { get; init; }
}

/// <summary>Settings "Shipping": how parcels are sent.</summary>
public sealed class ShippingOptions
{
    /// <summary>The ways to send a parcel; the first is the default. Empty: a standard and an express one. At most 6.</summary>
    [MaxLength(6)] public IReadOnlyList<ShippingMethod> Methods { get; init; } = [];
}

/// <summary>What shipping costs. The one place that computes it: cart, checkout and admission all ask here.</summary>
public sealed class ShippingRates(IOptions<ShippingOptions> options)
{
    private static readonly ShippingMethod[] Defaults =
    [
        new() { Code = "standard", Name = "Standard", Delivery = "3 to 5 working days", Price = 4.90m, FreeFrom = 60m },
        new() { Code = "express", Name = "Express", Delivery = "Next working day", Price = 12.90m },
    ];

    /// <summary>The ways to send, the default first.</summary>
    public IReadOnlyList<ShippingMethod> Methods { get; } = options.Value.Methods is { Count: > 0 } configured ? configured : Defaults;

    /// <summary>The method with this code, or null.</summary>
    public ShippingMethod? Find(string code) => Methods.FirstOrDefault(m => m.Code == code);

    /// <summary>What sending goods of this worth costs.</summary>
    public static Money PriceOf(ShippingMethod method, Money subtotal) =>
        new(method.FreeFrom is { } free && subtotal.Amount >= free ? 0m : method.Price, subtotal.Currency);
}
