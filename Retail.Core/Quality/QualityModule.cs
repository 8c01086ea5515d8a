using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Quality.Drills;

namespace Retail.Core.Quality;

/// <summary>How the shop is doing.</summary>
public static class QualityModule
{
    /// <summary>Adds what reads the state of the whole shop.</summary>
    public static IServiceCollection AddQuality(this IServiceCollection services) => services.AddSingleton<ShopOverviewReader>().AddDrills();
}
