using System.Collections.Concurrent;
using Microsoft.AspNetCore.StaticAssets;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Sampling;

namespace Retail.Web.Infrastructure;

/// <summary>Sums requests by route pattern, method and drill. Counters only ever grow and each row tells what they grew by, so counting
/// needs no lock, no allocation, and loses nothing.</summary>
internal sealed class RequestMetrics : IMetricSource
{
    public const int MaxRoutes = 400;

    // A drill's sums are forgotten when nothing came for so many rows: drills come and go.
    private const int IdleRows = 6;
    private static readonly RouteKey Others = new("(other)", "(any)", null);
    private readonly ConcurrentDictionary<RouteKey, RouteTotals> _routes = new() { [Others] = new() };
    private readonly Dictionary<RouteKey, int> _idle = [];

    // What nearly every request is: found by the endpoint itself, without a look at its pattern.
    private readonly ConcurrentDictionary<Endpoint, RouteTotals> _visits = new();
    private int _known;

    public void Count(Endpoint? endpoint, string method, int status, TimeSpan elapsed, int queries)
    {
        var isVisit = endpoint is not null && HttpMethods.IsGet(method) && DrillScope.Current is null;
        if (!isVisit || !_visits.TryGetValue(endpoint!, out var totals))
        {
            var key = new RouteKey(RouteOf(endpoint), MethodOf(method), DrillScope.Current);
            if (!_routes.TryGetValue(key, out totals)) totals = Add(key);
            if (isVisit && _visits.Count < MaxRoutes) _visits[endpoint!] = totals;
        }
        totals.Add(status, elapsed, queries);
    }

    /// <summary>The pattern as it stands in rows.</summary>
    public static string NameOf(Endpoint? endpoint) => Slashed(RouteOf(endpoint));

    public void Record(MetricRecorder metrics)
    {
        var catalogue = new Dictionary<Guid, (long Hits, long Total)>();
        foreach (var (key, totals) in _routes)
        {
            if (totals.TakeGrowth() is not { } sum)
            {
                ForgetIdle(key);
                continue;
            }
            _idle.Remove(key);
            DrillScope.Current = key.Drill;
            var route = Slashed(key.Route);
            metrics.Record(MetricTypes.HttpRequests, sum.Times.Count, new
            {
                route,
                method = key.Method,
                seconds = MetricSampler.Window.TotalSeconds,
                errors_4xx = sum.Errors4xx,
                errors_5xx = sum.Errors5xx,
                total_ms = sum.Times.TotalMs,
                queries = sum.Queries,
                queries_max = sum.MostQueries,
                without_queries = sum.WithoutQueries,
                buckets = sum.Times.Buckets,
            });
            if (sum.Rejected > 0) metrics.Record(MetricTypes.AuthRejected, sum.Rejected, new { route, method = key.Method });
            if (!IsCatalogue(route, key.Method)) continue;
            var (hits, total) = catalogue.GetValueOrDefault(key.Drill ?? Guid.Empty);
            catalogue[key.Drill ?? Guid.Empty] = (hits + sum.WithoutQueries, total + sum.Times.Count);
        }
        foreach (var (drill, (hits, total)) in catalogue)
        {
            DrillScope.Current = drill == Guid.Empty ? null : drill;
            metrics.Record(MetricTypes.ReadModel, Math.Round(100.0 * hits / total, 3), new { hits, total });
        }
        DrillScope.Current = null;
    }

    // What the read model is there for: home, lists, products, and the same for programs.
    private static bool IsCatalogue(string route, string method) => method == "GET"
        && (route == "/" || route.StartsWith("/products", StringComparison.Ordinal) || route.StartsWith("/api/products", StringComparison.Ordinal));

    // Routes are the program's, not the caller's, so the cap should never be met; it holds should a route be made of data.
    private RouteTotals Add(RouteKey key) =>
        Volatile.Read(ref _known) >= MaxRoutes || Interlocked.Increment(ref _known) > MaxRoutes ? _routes[Others] : _routes.GetOrAdd(key, _ => new());

    private void ForgetIdle(RouteKey key)
    {
        if (key.Drill is null) return;
        var rows = _idle.GetValueOrDefault(key) + 1;
        _idle[key] = rows;
        if (rows < IdleRows || !_routes.TryRemove(key, out _)) return;
        _idle.Remove(key);
        Interlocked.Decrement(ref _known);
    }

    private static string Slashed(string route) => route.StartsWith('/') || route.StartsWith('(') ? route : "/" + route;

    private static string RouteOf(Endpoint? endpoint) => endpoint switch
    {
        null => "(none)",
        _ when endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null => "(static)",
        RouteEndpoint { RoutePattern.RawText: { } text } => text,
        _ => "(none)",
    };

    private static string MethodOf(string method) => method switch
    {
        "GET" or "POST" or "HEAD" or "PUT" or "DELETE" or "PATCH" or "OPTIONS" => method,
        _ => "(any)",
    };

    private readonly record struct RouteKey(string Route, string Method, Guid? Drill);
}
