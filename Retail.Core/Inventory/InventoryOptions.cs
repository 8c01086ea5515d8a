using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Inventory;

/// <summary>Settings "Inventory".</summary>
public sealed class InventoryOptions
{
    /// <summary>With so many units left, or fewer, a variant is running low.</summary>
    [Range(0, 1_000_000)] public int LowStock { get; init; } = 10;

    /// <summary>Who is told so by mail; empty for every admin.</summary>
    [MaxLength(254)] public string LowStockTo { get; init; } = "";
}
