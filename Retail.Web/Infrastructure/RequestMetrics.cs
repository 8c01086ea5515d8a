using System.Collections.Concurrent;
using Microsoft.AspNetCore.StaticAssets;
using Retail.Core.Metrics;

namespace Retail.Web.Infrastructure;

/// <summary>Sums requests by route pattern and method, and records the sums each ten seconds and at the end. Counters only ever
/// grow and the flush records what they grew by, so counting needs no lock, no allocation, and loses nothing.</summary>
internal sealed class RequestMetrics(MetricRecorder metrics, TimeProvider clock) : BackgroundService
{
    public const int MaxRoutes = 400;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly RouteKey Others = new("(other)", "(any)");
    private readonly ConcurrentDictionary<RouteKey, RouteTotals> _routes = new() { [Others] = new() };
    private int _known;

    public void Count(Endpoint? endpoint, string method, int status, TimeSpan elapsed)
    {
        var key = new RouteKey(RouteOf(endpoint), MethodOf(method));
        if (!_routes.TryGetValue(key, out var totals)) totals = Add(key);
        totals.Add(status, elapsed);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Window, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Flush();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Flush();
        }
    }

    private void Flush()
    {
        foreach (var (key, totals) in _routes)
        {
            if (totals.TakeGrowth() is not { } sum) continue;
            metrics.Record(MetricTypes.HttpRequests, sum.Count, new
            {
                route = key.Route.StartsWith('/') || key.Route.StartsWith('(') ? key.Route : "/" + key.Route,
                method = key.Method,
                seconds = Window.TotalSeconds,
                errors_4xx = sum.Errors4xx,
                errors_5xx = sum.Errors5xx,
                total_ms = sum.TotalMs,
                buckets = sum.Buckets,
            });
        }
    }

    // Routes are the program's, not the caller's, so the cap should never be met; it holds should a route be made of data.
    private RouteTotals Add(RouteKey key) =>
        Volatile.Read(ref _known) >= MaxRoutes || Interlocked.Increment(ref _known) > MaxRoutes ? _routes[Others] : _routes.GetOrAdd(key, _ => new());

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

    private readonly record struct RouteKey(string Route, string Method);
}
