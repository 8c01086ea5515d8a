using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Orders;

/// <summary>The sale.</summary>
public static class OrdersModule
{
    /// <summary>Adds the intake, checkout and what follows an order.</summary>
    public static IServiceCollection AddOrders(this IServiceCollection services) => services
        .AddOrdersOptions()
        .AddSingleton<BatchConnection>()
        .AddSingleton<OrderBatch>()
        .AddSingleton<OrderIntake>()
        .AddSingleton<FlashKeys>()
        .AddSingleton<FlashCheckout>()
        .AddSingleton<PromptCharges>()
        .AddScoped<Checkout>()
        .AddScoped<OrderPayments>()
        .AddScoped<PaymentBooking>()
        .AddScoped<GatewayNews>()
        .AddScoped<RefundService>()
        .AddScoped<OrderService>()
        .AddScoped<OrderQueries>()
        .AddScoped<OrderAdminQueries>()
        .AddScoped<IOutboxHandler, SettlePaymentHandler>()
        .AddScoped<IOutboxHandler, RefundHandler>()
        .AddJob<SettlementSweep, NoArgs>(SettlementSweep.Definition);

    private static IServiceCollection AddOrdersOptions(this IServiceCollection services) =>
        services.AddSettings<OrdersOptions>("Orders").Services;
}
