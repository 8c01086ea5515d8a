namespace Retail.Core.Payments.Gateway;

/// <summary>One answer off the wire, read to its end.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">JSON, if the gateway is itself.</param>
/// <param name="RetryAfter">How long the gateway asks us to wait.</param>
/// <param name="ShouldRetry">The gateway's own word on whether a repetition can help; it outweighs the status.</param>
internal sealed record GatewayReply(int Status, string Body, TimeSpan? RetryAfter, bool? ShouldRetry)
{
    /// <summary>The gateway is in trouble, rather than our request.</summary>
    public bool IsOutage => Status is >= 500 or 429 or 408;

    /// <summary>A repetition with the same key may fare better; 409 is the same key still at work.</summary>
    public bool CanBeRepeated => ShouldRetry ?? (IsOutage || Status == 409);

    public static GatewayReply From(HttpResponseMessage response, string body) => new(
        (int)response.StatusCode,
        body,
        response.Headers.RetryAfter?.Delta,
        response.Headers.TryGetValues("Stripe-Should-Retry", out var values) && bool.TryParse(values.First(), out var should) ? should : null);
}

/// <summary>No usable answer, after all attempts.</summary>
internal sealed record NoReply(string Reason, bool CircuitOpen = false);
