using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Retail.Core.Common;

namespace Retail.Core.Orders;

/// <summary>What a caller asks the intake to accept.</summary>
public sealed record OrderRequest
{
    /// <summary>The caller's key: the same key with the same content is the same order. At most 100 characters.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Who buys; null for a guest.</summary>
    public Guid? CustomerId { get; init; }

    /// <summary>Where mail goes.</summary>
    public required string Email { get; init; }

    /// <summary>For the carrier; may be empty.</summary>
    public string Phone { get; init; } = "";

    /// <summary>Where the parcel goes.</summary>
    public required Address ShippingAddress { get; init; }

    /// <summary>Code of a shipping method.</summary>
    public required string ShippingMethod { get; init; }

    /// <summary>What is bought; all of it or nothing.</summary>
    public required IReadOnlyList<OrderRequestLine> Lines { get; init; }

    /// <summary>How it is paid.</summary>
    public required PaymentMethodRef PaymentMethod { get; init; }

    /// <summary>The cart it comes from, emptied when the order is kept.</summary>
    public Guid? CartId { get; init; }

    /// <summary>SHA-256 in hex of what is ordered: who, where to and which lines. Not the card's token, which is new at each try.</summary>
    public string Hash()
    {
        var text = new StringBuilder();
        foreach (var part in new[] { CustomerId?.ToString(), Email, Phone, ShippingMethod, ShippingAddress.Name, ShippingAddress.Line1, ShippingAddress.Line2,
            ShippingAddress.City, ShippingAddress.Region, ShippingAddress.Postcode, ShippingAddress.Country })
            text.Append(part).Append('\u001f');
        foreach (var line in Lines.OrderBy(l => l.VariantId))
            text.Append(CultureInfo.InvariantCulture, $"{line.VariantId}x{line.Quantity}\u001f");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}

/// <summary>Some units of a variant.</summary>
/// <param name="VariantId">The variant.</param>
/// <param name="Quantity">Units, 1 to 20.</param>
/// <param name="ExpectedUnitPrice">The price the shopper saw; another price inside the lock is refused with price_changed. Null: whatever it costs.</param>
public sealed record OrderRequestLine(Guid VariantId, int Quantity, decimal? ExpectedUnitPrice = null);

/// <summary>A card at the gateway, by its token.</summary>
/// <param name="Id">The gateway's token; never a number.</param>
/// <param name="Brand">Such as visa.</param>
/// <param name="Last4">Last four digits.</param>
public sealed record PaymentMethodRef(string Id, string Brand, string Last4);

/// <summary>The intake's answer: the commit that holds this order has returned.</summary>
/// <param name="Id">Key.</param>
/// <param name="Number">What people say.</param>
/// <param name="Total">What is charged.</param>
/// <param name="Replayed">The key was known: this is the earlier order.</param>
public sealed record AcceptedOrder(Guid Id, long Number, Money Total, bool Replayed);
