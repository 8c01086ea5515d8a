using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Metrics;
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

    // Who may read: whoever knows the token; without a token this machine alone, and no proxy on it that speaks for somebody else.
    private static ContentHttpResult Scrape(HttpContext context, PrometheusText text, IOptions<MetricsOptions> options)
    {
        var request = context.Request;
        var allowed = options.Value.ScrapeToken is { } token
            ? CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {token}")), SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())))
            : context.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller)
                && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("X-Original-For") && !request.Headers.ContainsKey("Forwarded") && !request.Headers.ContainsKey("Via");
        context.Response.Headers.CacheControl = "no-store";
        return allowed ? TypedResults.Content(text.Write(), PrometheusText.ContentType)
            : TypedResults.Content("Metrics are told to this machine, or to whoever sends the setting Metrics:ScrapeToken as bearer token.\n", "text/plain", statusCode: StatusCodes.Status403Forbidden);
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
