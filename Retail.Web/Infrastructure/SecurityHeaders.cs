using Microsoft.Extensions.Primitives;

namespace Retail.Web.Infrastructure;

/// <summary>What a browser may do with our answers: nothing of another origin is loaded, nobody frames us. A page that sets
/// one of these itself keeps its own.</summary>
internal sealed class SecurityHeaders
{
    private static readonly StringValues Policy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
    // Not no-referrer: browsers then send "Origin: null" with our own forms, and CrossOriginGuard would refuse them.
    private static readonly StringValues Referrer = "strict-origin-when-cross-origin";
    private static readonly StringValues Permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues NoSniff = "nosniff", Deny = "DENY", OneYear = "max-age=31536000";
    private static readonly Func<object, Task> SetAll = static state => Set((HttpContext)state, secure: false);
    private static readonly Func<object, Task> SetAllSecure = static state => Set((HttpContext)state, secure: true);

    private readonly RequestDelegate _next;
    private readonly Func<object, Task> _set;

    public SecurityHeaders(RequestDelegate next, IHostEnvironment environment) =>
        (_next, _set) = (next, environment.IsProduction() ? SetAllSecure : SetAll);

    // When the answer starts: an error page clears what was set before.
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(_set, context);
        return _next(context);
    }

    private static Task Set(HttpContext context, bool secure)
    {
        var headers = context.Response.Headers;
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = NoSniff;
        headers.TryAdd("X-Frame-Options", Deny);
        headers.TryAdd("Referrer-Policy", Referrer);
        headers.TryAdd("Permissions-Policy", Permissions);
        if (secure && context.Request.IsHttps) headers.StrictTransportSecurity = OneYear;
        return Task.CompletedTask;
    }
}
