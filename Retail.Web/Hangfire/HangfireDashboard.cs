using Hangfire;
using Hangfire.Dashboard;
using Retail.Web.Hosting;

namespace Retail.Web.Hangfire;

/// <summary>Hangfire's own dashboard at /admin/hangfire, for staff alone.</summary>
internal static class HangfireDashboard
{
    public const string Path = "/admin/hangfire";

    // It brings scripts and styles of its own, written into its pages; they are allowed there and nowhere else.
    private const string Policy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

    // What the dashboard's pages are made of. The storage is the engine's own, added before; so is the log, whose provider would
    // else be bound to the first host of a process and outlive it.
    public static IServiceCollection AddHangfirePages(this IServiceCollection services) => services.AddHangfire(_ => { }).AddSingleton<IGlobalConfiguration>(GlobalConfiguration.Configuration);

    public static void MapHangfire(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase), dashboard => dashboard.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.ContentSecurityPolicy = Policy;
                return Task.CompletedTask;
            });
            return next(context);
        }));
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            // The policy decides before the dashboard is asked; its own rule would let in whoever sits at this machine.
            Authorization = [],
            AppPath = "/admin/jobs",
            DashboardTitle = "Retail jobs",
            DisplayStorageConnectionString = false,
        }, app.Services.GetRequiredService<JobStorage>()).RequireAuthorization(Policies.Staff);
    }
}
