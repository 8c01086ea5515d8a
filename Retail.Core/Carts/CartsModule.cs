using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Carts;

/// <summary>What a shopper is about to buy.</summary>
public static class CartsModule
{
    /// <summary>Adds carts and shipping rates.</summary>
    public static IServiceCollection AddCarts(this IServiceCollection services)
    {
        services.AddSettings<ShippingOptions>("Shipping");
        return services.AddScoped<CartService>().AddScoped<CartQueries>().AddSingleton<ShippingRates>()
            .AddJob<OldCarts, NoArgs>(OldCarts.Definition);
    }
}
