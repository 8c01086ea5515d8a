using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Inventory;

/// <summary>How many there are.</summary>
public static class InventoryModule
{
    /// <summary>Adds stock.</summary>
    public static IServiceCollection AddInventory(this IServiceCollection services) => services
        .AddScoped<InventoryService>()
        .AddScoped<ProductEditor>()
        .AddScoped<ProductBatch>()
        .AddScoped<FlashSaleService>()
        .AddScoped<ProductAdminQueries>()
        .AddScoped<ProductEditQueries>()
        .AddScoped<PictureUploads>()
        .AddScoped<Importing.ProductImport>()
        .AddSingleton<Seeding.CatalogSeeder>();
}
