using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;
using Retail.Core.Orders;
using Retail.Core.Payments.Gateway;

namespace Retail.Web.Api;

/// <summary>Where the payment gateway tells its news. The signature over the body is the only proof of who speaks.</summary>
public static partial class PaymentWebhook
{
    public const string Path = "/payments/webhook";

    /// <summary>The longest message, in bytes.</summary>
    public const int MaxBody = 64 * 1024;

    public static IEndpointRouteBuilder MapPaymentWebhook(this IEndpointRouteBuilder app)
    {
        app.MapPost(Path, ReceiveAsync).ExcludeFromDescription().DisableRateLimiting();
        return app;
    }

    // 400 tells nothing of what was wrong: whoever forges learns no more than that it failed.
    private static async Task<Results<Ok, BadRequest, StatusCodeHttpResult>> ReceiveAsync(
        HttpRequest request, GatewayNews news, IOptions<PaymentsOptions> options, TimeProvider clock, MetricRecorder metrics, ILogger<GatewayNews> logger)
    {
        if (await ReadAsync(request) is not { } body)
        {
            Refuse("too long");
            return TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }
        if (WebhookSignature.WhyForged(request.Headers[WebhookSignature.Header], body.Span, options.Value.WebhookSecret, clock.GetUtcNow()) is { } why)
        {
            Refuse(why);
            return TypedResults.BadRequest();
        }
        if (GatewayEvent.Parse(body) is not { } told)
        {
            Refuse("not an event");
            return TypedResults.BadRequest();
        }
        // Once it is ours it is acted upon, even if the gateway hangs up.
        return await news.TakeAsync(told, CancellationToken.None) ? TypedResults.Ok() : TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);

        void Refuse(string reason)
        {
            logger.WebhookRefused(reason);
            metrics.Record(MetricTypes.WebhookRejected, 1, new { reason });
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBody) return null;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBody + 1;
        var buffer = new byte[MaxBody + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        return length > MaxBody ? null : buffer.AsMemory(0, length);
    }

    [LoggerMessage(EventId = 4201, Level = LogLevel.Warning, Message = "A payment webhook was refused: {Why}")]
    private static partial void WebhookRefused(this ILogger logger, string why);
}
