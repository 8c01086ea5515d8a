using System.Text.Json;

namespace Retail.Core.Payments.Gateway;

/// <summary>News from the gateway, read from a message whose signature was checked.</summary>
/// <param name="Id">The gateway's id of the event.</param>
/// <param name="Type">Such as payment_intent.succeeded.</param>
/// <param name="At">When it happened, by the gateway's clock.</param>
/// <param name="IntentId">The payment it is about, if it is about one.</param>
/// <param name="OrderId">The order in the payment's metadata, if there is one.</param>
/// <param name="CapturedCents">What was captured.</param>
/// <param name="RefundedCents">What went back so far.</param>
/// <param name="ErrorCode">Why it failed.</param>
public sealed record GatewayEvent(string Id, string Type, DateTimeOffset At, string? IntentId, Guid? OrderId, long? CapturedCents, long? RefundedCents, string? ErrorCode)
{
    private const int MaxId = 100;

    /// <summary>Reads a message; null when it is not in the gateway's shape.</summary>
    public static GatewayEvent? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (Text(root, "id") is not { Length: > 0 and <= MaxId } id || Text(root, "type") is not { Length: > 0 and <= MaxId } type
                || Number(root, "created") is not (>= 0 and <= 253402300799 and { } created)
                || Child(Child(root, "data"), "object") is not { } about) return null;
            var intent = Text(about, "object") == "payment_intent" ? Text(about, "id") : Text(about, "payment_intent");
            if (intent is { Length: > MaxId }) return null;
            var error = Child(about, "last_payment_error");
            return new(id, type, DateTimeOffset.FromUnixTimeSeconds(created), intent,
                Guid.TryParse(Text(Child(about, "metadata"), "order_id"), out var order) ? order : null,
                Number(about, "amount_received"), Number(about, "amount_refunded"), Text(error, "decline_code") ?? Text(error, "code"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Child(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

    private static string? Text(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
