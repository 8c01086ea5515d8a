using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Flags;

/// <summary>The switches.</summary>
public static class FlagsModule
{
    /// <summary>Adds <see cref="FeatureFlags"/>, what switches them, and in a host what listens for switches.</summary>
    public static IServiceCollection AddFlags(this IServiceCollection services) => services
        .AddSingleton<FeatureFlags>()
        .AddScoped<FlagService>()
        .AddHostedService<FlagListener>();
}
