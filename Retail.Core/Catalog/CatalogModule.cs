using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Catalog;

/// <summary>What is sold.</summary>
public static class CatalogModule
{
    /// <summary>Adds the catalogue: its read model and what keeps it fresh.</summary>
    public static IServiceCollection AddCatalog(this IServiceCollection services)
    {
        services.AddOptions<CatalogOptions>().BindConfiguration("Catalog").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<CatalogLoader>()
            .AddSingleton<CatalogModel>()
            .AddSingleton<CatalogSearch>()
            .AddSingleton<DirectList>()
            .AddSingleton<DirectPages>()
            .AddSingleton<CatalogQueries>()
            .AddSingleton<CatalogSync>()
            .AddScoped<CategoryService>();
    }
}
