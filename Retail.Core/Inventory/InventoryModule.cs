using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Inventory;

/// <summary>How many there are.</summary>
public static class InventoryModule
{
    /// <summary>Adds stock.</summary>
    public static IServiceCollection AddInventory(this IServiceCollection services) => services
        .AddInventoryOptions()
        .AddScoped<InventoryService>()
        .AddScoped<ProductEditor>()
        .AddScoped<ProductBatch>()
        .AddScoped<FlashSaleService>()
        .AddScoped<ProductAdminQueries>()
        .AddScoped<ProductEditQueries>()
        .AddScoped<PictureUploads>()
        .AddScoped<Importing.ProductImport>()
        .AddSingleton<Seeding.CatalogSeeder>()
        .AddJob<LowStockNotice, NoArgs>(LowStockNotice.Definition)
        .AddJob<SaleWindows, NoArgs>(SaleWindows.Definition);

    private static IServiceCollection AddInventoryOptions(this IServiceCollection services) =>
        services.AddSettings<InventoryOptions>("Inventory").Services;
}
