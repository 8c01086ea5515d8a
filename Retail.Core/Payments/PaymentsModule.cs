using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Payments;

/// <summary>Money.</summary>
public static class PaymentsModule
{
    /// <summary>Adds the gateway's client and the record of its circuit.</summary>
    public static IServiceCollection AddPayments(this IServiceCollection services) => services.AddPaymentGateway().AddHostedService<CircuitRecorder>();
}
