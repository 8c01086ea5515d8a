using Microsoft.Extensions.Options;
using Retail.Core.Common.Settings;

namespace Retail.Web.Infrastructure;

/// <summary>MAINTENANCE_MODE (D4-14): shoppers are asked to come back, while admins, probes and the payment gateway go on.</summary>
internal static class Maintenance
{
    private static readonly string[] GoesOn =
        ["/admin", "/account/sign-in", "/account/sign-out", "/health", "/api/health", "/metrics", "/payments", "/simulator", "/media", "/css", "/js", "/img", "/fonts", "/error", "/favicon.ico"];

    /// <summary>Behind the error pages, which say it politely; does nothing when the mode is off.</summary>
    public static IApplicationBuilder UseMaintenance(this IApplicationBuilder app)
    {
        if (!app.ApplicationServices.GetRequiredService<IOptions<RuntimeOptions>>().Value.IsMaintenance) return app;
        return app.Use((context, next) =>
        {
            if (GoesOn.Any(path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))) return next(context);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "120";
            return Task.CompletedTask;
        });
    }
}
