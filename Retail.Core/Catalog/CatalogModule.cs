using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Metrics.Sampling;

namespace Retail.Core.Catalog;

/// <summary>What is sold.</summary>
public static class CatalogModule
{
    /// <summary>Adds the catalogue: its read model and what keeps it fresh.</summary>
    public static IServiceCollection AddCatalog(this IServiceCollection services)
    {
        services.AddSettings<CatalogOptions>("Catalog");
        return services
            .AddSingleton<CatalogLoader>()
            .AddSingleton<CatalogModel>()
            .AddSingleton<CatalogSearch>()
            .AddSingleton<SearchCounts>().AddSingleton<IMetricSource>(provider => provider.GetRequiredService<SearchCounts>())
            .AddSingleton<IMetricSource, CatalogSize>()
            .AddSingleton<DirectList>()
            .AddSingleton<DirectPages>()
            .AddSingleton<CatalogQueries>()
            .AddSingleton<CatalogSync>()
            .AddScoped<CategoryService>();
    }
}
