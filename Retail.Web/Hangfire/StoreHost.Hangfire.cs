using Retail.Web.Hangfire;

namespace Retail.Web.Hosting;

// The half of the host that is there in a build with Hangfire.
public static partial class StoreHost
{
    static partial void AddJobEnginePages(IServiceCollection services) => services.AddHangfirePages();

    static partial void MapJobEngine(WebApplication app) => app.MapHangfire();
}
