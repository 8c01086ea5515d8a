using System.ComponentModel.DataAnnotations;
using Retail.Core.Common.Settings;

namespace Retail.Core.Common;

/// <summary>Settings "Store".</summary>
public sealed class StoreOptions
{
    /// <summary>What the store is called.</summary>
    [Required, MaxLength(60)] public string Name { get; init; } = "Retail";

    /// <summary>ISO 4217 code of all prices.</summary>
    [RegularExpression("^[A-Z]{3}$")] public string Currency { get; init; } = "USD";

    /// <summary>Where shoppers reach the store: links in mails begin with it.</summary>
    [NeededInProduction("Set Store__PublicUrl to the address that shoppers see, such as https://shop.example.com.", Refused = ["http://localhost:8000"])]
    [Required, RegularExpression("^https?://[^?#\\s]+$", ErrorMessage = "Store:PublicUrl must be an address such as https://shop.example.com.")]
    public string PublicUrl { get; init; } = "http://localhost:8000";
}
