using System.Net.Mime;
using System.Security.Claims;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Options;
using Retail.Core.Common.Logs;
using Retail.Core.Metrics;

namespace Retail.Web.Infrastructure;

/// <summary>Around every request: gives it an id, answers the id as X-Request-ID, puts it on each line the request causes, and
/// when it is over writes one line and counts it. The outermost middleware, one await and one clock for all of that.</summary>
internal sealed class RequestObservation(RequestDelegate next, ILoggerFactory loggers, RequestMetrics metrics, RequestErrors errors, DrillPass drills, IOptions<MetricsOptions> options, TimeProvider clock)
{
    private const string Header = "X-Request-ID";
    private const int ClientLeft = StatusCodes.Status499ClientClosedRequest;
    private static readonly string[] QuietPrefixes = ["/health", "/api/health", "/css", "/js", "/lib", "/fonts", "/images", "/pictures", "/_framework", "/favicon"];
    private static readonly Func<object, Task> AnswerId = static state =>
    {
        var context = (HttpContext)state;
        context.Response.Headers[Header] = context.TraceIdentifier;
        return Task.CompletedTask;
    };

    private readonly bool _records = options.Value.Enabled;
    private readonly ILogger _logger = loggers.CreateLogger("retail.observability");

    public async Task InvokeAsync(HttpContext context)
    {
        var began = clock.GetTimestamp();
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "/");   // before anything rewrites them
        var scope = RequestScope.Begin(context.TraceIdentifier = IdOf(context.Request));
        if (context.Request.Headers.TryGetValue(DrillPass.Header, out var pass)) DrillScope.Current = drills.Read(pass.ToString());
        // When the answer starts, not now: an error page clears the headers, and the output cache would keep the id.
        context.Response.OnStarting(AnswerId, context);
        Exception? failure = null;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientLeft;
        }
        // The last boundary of a request, reached only when there is no error page or it failed too: logged below, answered with the id.
        catch (Exception ex)
        {
            failure = ex;
            await AnswerFailureAsync(context);
        }
        var status = failure is null ? context.Response.StatusCode : StatusCodes.Status500InternalServerError;
        var elapsed = clock.GetElapsedTime(began);
        // The gateway's stand-in is not the store: what it is told to do wrong is no error of ours.
        var isOurs = !path.StartsWith("/simulator/v1/", StringComparison.OrdinalIgnoreCase);
        if (isOurs && _records) metrics.Count(EndpointOf(context), method, status, elapsed, scope.Queries);
        if (isOurs && status >= 400) errors.Add(status, EndpointOf(context), method, context.TraceIdentifier);
        var level = isOurs ? LevelOf(status, path) : LogLevel.Information;
        if (_logger.IsEnabled(level))
            _logger.HttpRequest(level, failure, method, path, status, Math.Round(elapsed.TotalMilliseconds, 3), UserOf(context));
    }

    // A caller's id is taken only when it is a UUID; written anew, so that it has one form in all lines.
    private string IdOf(HttpRequest request) =>
        request.Headers.TryGetValue(Header, out var sent) && Guid.TryParseExact(sent, "D", out var theirs)
            ? theirs.ToString()
            : Guid.CreateVersion7(clock.GetUtcNow()).ToString();

    private static async Task AnswerFailureAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();   // the caller must not take half an answer for a whole one
            return;
        }
        context.Response.Clear();
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        context.Response.ContentType = MediaTypeNames.Text.Plain;
        await context.Response.WriteAsync($"Something went wrong on our side. If it happens again, tell us this id: {context.TraceIdentifier}", CancellationToken.None);
    }

    // An error page runs as an endpoint of its own; what failed is the one before it.
    private static Endpoint? EndpointOf(HttpContext context) =>
        context.Features.Get<AskedFor>() is { } asked ? asked.Endpoint : context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();

    /// <summary>Inside of what answers errors with a page: remembers what was asked for, before the page takes its place.</summary>
    public static Task RememberAsync(HttpContext context, RequestDelegate next)
    {
        var answered = next(context);
        if (!answered.IsCompletedSuccessfully) return AwaitAsync(context, answered);
        Remember(context);
        return Task.CompletedTask;

        static async Task AwaitAsync(HttpContext context, Task answered)
        {
            await answered;
            Remember(context);
        }

        static void Remember(HttpContext context)
        {
            if (context.Response.StatusCode >= StatusCodes.Status400BadRequest && context.Features.Get<AskedFor>() is null) context.Features.Set(new AskedFor(context.GetEndpoint()));
        }
    }

    private sealed record AskedFor(Endpoint? Endpoint);

    private static LogLevel LevelOf(int status, string path) => status switch
    {
        >= 500 => LogLevel.Error,
        >= 400 => LogLevel.Warning,
        _ when IsQuiet(path) => LogLevel.Debug,
        _ => LogLevel.Information,
    };

    private static bool IsQuiet(string path)
    {
        foreach (var prefix in QuietPrefixes)
            if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && (path.Length == prefix.Length || path[prefix.Length] is '/' or '.')) return true;
        return false;
    }

    // HttpContext.User would make an anonymous one for each visitor.
    private static string? UserOf(HttpContext context) =>
        context.Features.Get<IHttpAuthenticationFeature>()?.User?.FindFirstValue(ClaimTypes.NameIdentifier);
}
