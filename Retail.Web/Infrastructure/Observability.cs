using Retail.Core.Common.Logs;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Sampling;

namespace Retail.Web.Infrastructure;

/// <summary>Logs, request ids, request metrics and the guards around every request, in the order they must have.</summary>
public static class Observability
{
    /// <summary>Logs, the metric writer and the sums of requests. Wants an NpgsqlDataSource among the services.</summary>
    public static WebApplicationBuilder AddRetailObservability(this WebApplicationBuilder builder)
    {
        builder.AddRetailLogs();
        builder.Services.AddRetailMetrics();
        builder.Services
            .AddSingleton<RequestMetrics>().AddSingleton<IMetricSource>(services => services.GetRequiredService<RequestMetrics>())
            .AddSingleton<RequestErrors>().AddSingleton<IMetricSource>(services => services.GetRequiredService<RequestErrors>());
        return builder;
    }

    /// <summary>First in the pipeline, before the error page: what it does must hold for errors too.</summary>
    public static IApplicationBuilder UseRetailObservability(this IApplicationBuilder app) =>
        app.UseMiddleware<RequestObservation>().UseMiddleware<SecurityHeaders>();

    /// <summary>After forwarded headers and before anything that acts on a request, sign-in and output cache included.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="exempt">Paths (and what is below them) that machines post to with proof of their own.</param>
    public static IApplicationBuilder UseCrossOriginGuard(this IApplicationBuilder app, params string[] exempt) =>
        app.UseMiddleware<CrossOriginGuard>(new CrossOriginGuard.Exempt([.. exempt.Select(path => new PathString(path))]));
}
