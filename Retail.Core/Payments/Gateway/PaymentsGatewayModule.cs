using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Retail.Core.Common.Settings;

namespace Retail.Core.Payments.Gateway;

/// <summary>Registers the gateway's client.</summary>
public static class PaymentsGatewayModule
{
    /// <summary>Adds <see cref="IPaymentGateway"/> with its pipeline and its settings, which are checked at start.</summary>
    public static IServiceCollection AddPaymentGateway(this IServiceCollection services)
    {
        services.AddSettings<PaymentsOptions>("Payments")
            .Validate<IHostEnvironment>((o, host) => !host.IsProduction() || o.GatewayUrl.Length > 0,
                "Payments:GatewayUrl must be set in production: the built-in simulator does not run there.")
            .Validate<IHostEnvironment>((o, host) => !host.IsProduction()
                    || (o.SecretKey != PaymentsOptions.SimulatorKey && o.WebhookSecret != PaymentsOptions.SimulatorWebhookSecret),
                "Payments:SecretKey and Payments:WebhookSecret must be set in production: the defaults are the simulator's.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<GatewayAddress>().AddSingleton<GatewayPipeline>()
            .AddKeyedSingleton<GatewayPipeline>(GatewayPipeline.CardVault).AddSingleton<IPaymentGateway, StripeGateway>();
    }
}
