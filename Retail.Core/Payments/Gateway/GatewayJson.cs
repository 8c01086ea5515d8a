using System.Text.Json;
using System.Text.Json.Serialization;

namespace Retail.Core.Payments.Gateway;

internal sealed record IntentJson(string Id, string Status, ErrorJson? LastPaymentError = null);

internal sealed record IntentsJson(IReadOnlyList<IntentJson> Data);

internal sealed record RefundJson(string Id, string Status, IReadOnlyDictionary<string, string>? Metadata = null);

internal sealed record RefundsJson(IReadOnlyList<RefundJson> Data, bool HasMore = false);

internal sealed record MethodJson(string Id, CardJson Card);

internal sealed record CardJson(string Brand, string Last4);

internal sealed record ErrorJson(
    string? Type = null, string? Code = null, string? DeclineCode = null, string? Message = null, IntentJson? PaymentIntent = null)
{
    /// <summary>The most exact code there is.</summary>
    public string BestCode => DeclineCode ?? Code ?? Type ?? "declined";
}

internal sealed record FailureJson(ErrorJson Error);

/// <summary>The few fields of the gateway's answers that the store reads. A missing one is an unreadable answer, not a null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(IntentJson))]
[JsonSerializable(typeof(IntentsJson))]
[JsonSerializable(typeof(RefundJson))]
[JsonSerializable(typeof(RefundsJson))]
[JsonSerializable(typeof(MethodJson))]
[JsonSerializable(typeof(FailureJson))]
internal sealed partial class GatewayJson : JsonSerializerContext;
