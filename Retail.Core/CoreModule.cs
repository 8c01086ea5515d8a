using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Retail.Core.Accounts;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Common.Settings;
using Retail.Core.Data;
using Retail.Core.Flags;
using Retail.Core.Inventory;
using Retail.Core.Jobs;
using Retail.Core.Metrics;
using Retail.Core.Notifications;
using Retail.Core.Orders;
using Retail.Core.Partners;
using Retail.Core.Partners.Feeds;
using Retail.Core.Payments;
using Retail.Core.Quality;

namespace Retail.Core;

/// <summary>The store without its pages: one line a capability.</summary>
public static class CoreModule
{
    /// <summary>Adds every capability. Hosts add what runs beside requests: the worker (<see cref="JobsModule.AddWorker"/>) and the read model's listener.</summary>
    public static IServiceCollection AddRetailCore(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSettings<StoreOptions>("Store");
        return services
            .AddData(connectionString)
            .AddRetailMetrics()
            .AddFlags()
            .AddCatalog()
            .AddAccounts()
            .AddInventory()
            .AddCarts()
            .AddPayments()
            .AddOrders()
            .AddPartners()
            .AddNotifications()
            .AddFeedsOut()
            .AddQuality()
            .AddJobs();
    }
}
