using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Orders;

namespace Retail.Core.Jobs;

/// <summary>What the store does later.</summary>
public static class JobsModule
{
    /// <summary>Adds the worker: in Retail.Worker, and in the web process of the embedded default.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services) => services.AddHostedService<OutboxRelay>().AddHostedService<SettlementSweep>();
}
