using System.IO.Compression;
using Retail.Core.Common.Logs;
using Retail.Core.Metrics;
using Retail.Core.Quality.Replay;
using Retail.Web.Hosting;

namespace Retail.Web.Infrastructure;

/// <summary>
/// Records a few requests of each route, with the status and the shape of their answers, so that a release can be asked the same again.
/// Only reading requests of strangers: they mean the same to everybody, and hold nobody's data.
/// </summary>
internal sealed class RequestRecorder(RequestDelegate next, RequestRecordings recordings, TimeProvider clock)
{
    private const int LongestBody = 2_000_000;
    private static readonly string[] NotRecorded = ["/health", "/api/health", "/metrics", "/feeds", "/media", "/simulator", "/error"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } route } endpoint
            || !IsStranger(context.Request) || endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is not null
            || NotRecorded.Any(prefix => context.Request.Path.StartsWithSegments(prefix)) || !recordings.Wants(route))
        {
            await next(context);
            return;
        }
        var answer = context.Response.Body;
        using var copy = new MemoryStream();
        context.Response.Body = new CopyingStream(answer, copy, LongestBody);
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = answer;
        }
        if (copy.Length > LongestBody || context.RequestAborted.IsCancellationRequested) return;
        var contentType = context.Response.ContentType?.Split(';')[0].Trim() ?? "";
        var target = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        var masked = Redaction.Text(target);
        recordings.Add(new RecordedRequest
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()),
            Route = route,
            Target = masked.Length <= 1000 ? masked : masked[..1000],
            IsMasked = masked != target || masked.Length > 1000,
            Accept = Cut(context.Request.Headers.Accept.ToString(), 300),
            Status = context.Response.StatusCode,
            ContentType = Cut(contentType, 100),
            Shape = ResponseShape.Of(contentType, Unpacked(copy, context.Response.Headers.ContentEncoding.ToString())),
            RequestId = context.TraceIdentifier,
            RecordedAt = clock.GetUtcNow(),
        });
    }

    // Any cookie may open something: a session, a cart, an order that was placed without an account.
    private static bool IsStranger(HttpRequest request) => DrillScope.Current is null && request.Headers.Authorization.Count == 0 && request.Cookies.Count == 0;

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];

    // What passes here is what the caller gets: compressed, perhaps from the page cache.
    private static byte[] Unpacked(MemoryStream body, string encoding)
    {
        body.Position = 0;
        using Stream unpacked = encoding switch { "br" => new BrotliStream(body, CompressionMode.Decompress), "gzip" => new GZipStream(body, CompressionMode.Decompress), _ => body };
        using var plain = new MemoryStream();
        unpacked.CopyTo(plain);
        return plain.ToArray();
    }
}
