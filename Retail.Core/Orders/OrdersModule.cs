using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Orders;

/// <summary>The sale.</summary>
public static class OrdersModule
{
    /// <summary>Adds the intake, checkout and what follows an order.</summary>
    public static IServiceCollection AddOrders(this IServiceCollection services) => services
        .AddSingleton<OrderBatch>()
        .AddSingleton<OrderIntake>()
        .AddSingleton<FlashCheckout>()
        .AddScoped<Checkout>()
        .AddScoped<OrderPayments>()
        .AddScoped<PaymentBooking>()
        .AddScoped<GatewayNews>()
        .AddScoped<RefundService>()
        .AddScoped<OrderService>()
        .AddScoped<OrderQueries>()
        .AddScoped<OrderAdminQueries>()
        .AddScoped<IOutboxHandler, SettlePaymentHandler>()
        .AddScoped<IOutboxHandler, RefundHandler>();
}
