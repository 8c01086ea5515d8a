using Npgsql;
using Retail.Core.Data;
using Retail.Core.Jobs;
using Retail.Core.Metrics.Export;

namespace Retail.Worker;

/// <summary>How the worker is: /health while the process lives, /health/readiness when it can work, /metrics what it measures.</summary>
internal static class WorkerHealth
{
    public static void MapWorkerHealth(this WebApplication app)
    {
        app.MapGet("/health", () => Results.Json(new { status = "healthy" }));
        app.MapGet("/health/readiness", ReadinessAsync);
        app.MapGet("/metrics", Scrape);
    }

    private static IResult Scrape(HttpContext context, PrometheusText text, ScrapeAccess access)
    {
        var headers = context.Request.Headers;
        return access.Allows(context.Connection.RemoteIpAddress, headers.Authorization.ToString(), ScrapeAccess.ProxyHeaders.Any(headers.ContainsKey))
            ? Results.Text(text.Write(), PrometheusText.ContentType) : Results.Text(ScrapeAccess.Refusal, statusCode: StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> ReadinessAsync(NpgsqlDataSource database, DatabaseMigrator migrations, WorkerState state, CancellationToken ct)
    {
        var reachable = await IsReachableAsync(database, ct);
        var migrated = reachable && (await migrations.StatusAsync(ct)).All(m => m.Applied);
        var isReady = reachable && migrated && state.IsWorking;
        var answer = new { status = isReady ? "ready" : "not ready", checks = new { database = Word(reachable), migrations = Word(migrated), worker = Word(state.IsWorking) } };
        return Results.Json(answer, statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

        static string Word(bool ok) => ok ? "ok" : "failing";
    }

    private static async Task<bool> IsReachableAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(ct);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            return false;
        }
    }
}
