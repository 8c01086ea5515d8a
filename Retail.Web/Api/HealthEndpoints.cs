using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Scenarios;

namespace Retail.Web.Api;

/// <summary>Probes (D2-14, D2-15) and the health summary (D4-03).</summary>
public static class HealthEndpoints
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health", () => TypedResults.Ok(new { status = "healthy" })).ExcludeFromDescription();
        app.MapGet("/health/readiness", ReadinessAsync).ExcludeFromDescription();
        app.MapGet("/api/health", SummaryAsync);
        return app;
    }

    private static async Task<IResult> ReadinessAsync(NpgsqlDataSource database, DatabaseMigrator migrations, CatalogModel catalog, CatalogueFile promises, CancellationToken ct)
    {
        var mistakes = promises.Current.Mistakes;
        var reachable = await IsReachableAsync(database, ct);
        var migrated = reachable && (await migrations.StatusAsync(ct)).All(m => m.Applied);
        var checks = new { database = Word(reachable), migrations = Word(migrated), read_model = Word(catalog.IsWarm), quality_scenarios = Word(mistakes.Count == 0) };
        return reachable && migrated && catalog.IsWarm && mistakes.Count == 0
            ? TypedResults.Ok(new { status = "ready", checks })
            : TypedResults.Json(new { status = "not ready", checks, mistakes = mistakes.Select(m => m.ToString()) }, statusCode: StatusCodes.Status503ServiceUnavailable);

        static string Word(bool ok) => ok ? "ok" : "failing";
    }

    private static async Task<IResult> SummaryAsync(NpgsqlDataSource database, GatewayPipeline gateway, TimeProvider clock, CancellationToken ct)
    {
        var reachable = await IsReachableAsync(database, ct);
        var health = new
        {
            status = reachable ? "healthy" : "unhealthy",
            timestamp = clock.GetUtcNow(),
            services = new { database = reachable ? "connected" : "disconnected", gateway = gateway.Current == CircuitState.Open ? "disconnected" : "connected" },
        };
        return TypedResults.Json(health, statusCode: reachable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    internal static async Task<bool> IsReachableAsync(NpgsqlDataSource database, CancellationToken ct)
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
