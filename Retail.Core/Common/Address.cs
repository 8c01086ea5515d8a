namespace Retail.Core.Common;

/// <summary>Where a parcel goes. An order keeps its own copy, so that a later move changes no past order.</summary>
public sealed record Address
{
    /// <summary>The person who receives the parcel.</summary>
    public required string Name { get; init; }

    /// <summary>Street and number.</summary>
    public required string Line1 { get; init; }

    /// <summary>Flat, floor, company; may be empty.</summary>
    public string Line2 { get; init; } = "";

    /// <summary>Town.</summary>
    public required string City { get; init; }

    /// <summary>State, province or county; may be empty.</summary>
    public string Region { get; init; } = "";

    /// <summary>Postal code as the country writes it.</summary>
    public required string Postcode { get; init; }

    /// <summary>ISO 3166-1 alpha-2 code.</summary>
    public required string Country { get; init; }
}
