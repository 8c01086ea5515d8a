using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Metrics.Export;
using Retail.Core.Quality.Measures;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>What is measured, for programs: a scraper at /metrics, the summary at /metrics/api/.</summary>
public static class MetricsEndpoints
{
    public const string Prometheus = "/metrics";
    public const string Api = "/metrics/api";

    private static readonly ServiceError BadDays = new(Refusal.Invalid, "days_out_of_range", $"Ask for 1 to {Period.MostDays} days, such as ?days=7.");

    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder app)
    {
        app.MapGet(Prometheus, Scrape).ExcludeFromDescription();
        app.MapGet(Api, SummaryAsync).RequireAuthorization(Policies.Staff).ExcludeFromDescription();
        // The address that the metric rows have always had.
        app.MapGet("/admin/retail/metric", () => Results.LocalRedirect(Areas.Admin.AdminMenu.Metrics, permanent: true)).ExcludeFromDescription();
        return app;
    }

    private static ContentHttpResult Scrape(HttpContext context, PrometheusText text, ScrapeAccess access)
    {
        var headers = context.Request.Headers;
        context.Response.Headers.CacheControl = "no-store";
        return access.Allows(context.Connection.RemoteIpAddress, headers.Authorization.ToString(), ScrapeAccess.ProxyHeaders.Any(headers.ContainsKey))
            ? TypedResults.Content(text.Write(), PrometheusText.ContentType)
            : TypedResults.Content(ScrapeAccess.Refusal, "text/plain", statusCode: StatusCodes.Status403Forbidden);
    }

    private static async Task<Results<JsonHttpResult<SummaryAnswer>, ProblemHttpResult>> SummaryAsync(
        HttpContext context, SummaryReader summaries, IOptions<StoreOptions> store, TimeProvider clock, string? days, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        var asked = 7;
        if (days is not null && !(int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out asked) && asked is >= 1 and <= Period.MostDays)) return BadDays.ToProblem();
        var period = Period.Last(asked, clock.GetUtcNow());
        return TypedResults.Json(SummaryAnswer.Of(period, await summaries.ReadAsync(period, ct), await summaries.ReadAsync(period.Before, ct), store.Value.Currency), MetricsJson.Options);
    }
}
