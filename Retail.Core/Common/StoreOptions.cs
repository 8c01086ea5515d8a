using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Common;

/// <summary>Settings "Store".</summary>
public sealed class StoreOptions
{
    /// <summary>What the store is called.</summary>
    [Required, MaxLength(60)] public string Name { get; init; } = "Retail";

    /// <summary>ISO 4217 code of all prices.</summary>
    [RegularExpression("^[A-Z]{3}$")] public string Currency { get; init; } = "USD";
}
