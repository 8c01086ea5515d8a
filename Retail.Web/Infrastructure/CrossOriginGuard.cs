using System.Net.Mime;

namespace Retail.Web.Infrastructure;

/// <summary>Refuses what another site makes a visitor's browser send. Cached pages carry no token, so this guards their forms:
/// the browser itself says where a request comes from, in Sec-Fetch-Site, or in Origin where that is missing (old browsers, plain
/// HTTP). A caller that sends neither is no browser and carries nobody's cookies.</summary>
/// <remarks>Behind a proxy that changes the host, forwarded headers must be applied before.</remarks>
internal sealed class CrossOriginGuard(RequestDelegate next, CrossOriginGuard.Exempt exempt)
{
    private const string Sentence = "This form was sent from another site, so it was not accepted. Please open the page in our store and send it from there.";

    public Task InvokeAsync(HttpContext context)
    {
        if (IsAllowed(context.Request)) return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = MediaTypeNames.Text.Plain;
        return context.Response.WriteAsync(Sentence, context.RequestAborted);
    }

    private bool IsAllowed(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) return true;
        var site = request.Headers["Sec-Fetch-Site"];
        var isOurs = site.Count > 0 ? site.ToString() is "same-origin" or "none" : IsOwnOrigin(request);
        return isOurs || exempt.Paths.Any(path => request.Path.StartsWithSegments(path));
    }

    // The scheme is not compared: behind a proxy that ends TLS we see http where the browser sees https.
    private static bool IsOwnOrigin(HttpRequest request)
    {
        if (request.Headers.Origin is not { Count: > 0 } origin) return true;
        return Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var from)
            && string.Equals(from.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase)
            && (request.Host.Port is { } port ? from.Port == port : from.IsDefaultPort);
    }

    /// <summary>Paths that machines post to, with proof of their own (a signature).</summary>
    internal sealed record Exempt(params PathString[] Paths);
}
