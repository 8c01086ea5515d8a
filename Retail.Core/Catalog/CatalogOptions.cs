using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Catalog;

/// <summary>Settings "Catalog".</summary>
public sealed class CatalogOptions
{
    /// <summary>Up to so many products on sale, each node holds them in memory (about 1.5 kB each) and renders every page from there; past it, lists and product pages are read from the database.</summary>
    [Range(0, 10_000_000)] public int MaxProductsInMemory { get; init; } = 500_000;
}
