using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Partners.Feeds;

/// <summary>What others fetch.</summary>
public static class FeedsOutModule
{
    /// <summary>Adds the feeds that the shop serves.</summary>
    public static IServiceCollection AddFeedsOut(this IServiceCollection services) => services
        .AddSingleton<FeedsOut>()
        .AddSingleton<Sitemap>()
        .AddSingleton<IOutFeed, GoogleXmlFeed>()
        .AddSingleton<IOutFeed, GoogleTsvFeed>()
        .AddSingleton<IOutFeed, CsvFeed>()
        .AddSingleton<IOutFeed, JsonFeed>();
}
