using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common;

namespace Retail.Core.Payments.Gateway;

/// <summary>Speaks the Stripe PaymentIntents protocol: form-encoded requests, JSON answers, idempotency keys.</summary>
public sealed class StripeGateway(
    GatewayAddress address, GatewayPipeline charging, [FromKeyedServices(GatewayPipeline.CardVault)] GatewayPipeline vault,
    IOptions<PaymentsOptions> options, ILogger<StripeGateway> logger) : IPaymentGateway, IDisposable
{
    private readonly GatewayWire _wire = new(address, charging, options.Value, logger);
    private readonly GatewayWire _vault = new(address, vault, options.Value, logger);

    /// <inheritdoc />
    public async Task<GatewayAnswer<PaymentMethod>> TokeniseAsync(CardDetails card, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(card);
        var (reply, none) = await _vault.PostAsync("v1/payment_methods", key: null, ct,
            ("type", "card"), ("card[number]", card.Number), ("card[exp_month]", Text(card.ExpiryMonth)),
            ("card[exp_year]", Text(card.ExpiryYear)), ("card[cvc]", card.SecurityCode), ("billing_details[name]", card.Name));
        if (reply is null) return new GatewayAnswer<PaymentMethod>.Unknown(none!.Reason, none.CircuitOpen);
        if (reply.Status == 200)
        {
            return Read(reply, GatewayJson.Default.MethodJson) is { } method
                ? new GatewayAnswer<PaymentMethod>.Given(new(method.Id, method.Card.Brand, method.Card.Last4))
                : new GatewayAnswer<PaymentMethod>.Unknown("unreadable", false);
        }
        return Read(reply, GatewayJson.Default.FailureJson)?.Error is { } error
            ? new GatewayAnswer<PaymentMethod>.Refused(error.BestCode, DeclineMessages.For(error.BestCode))
            : new GatewayAnswer<PaymentMethod>.Unknown("unreadable", false);
    }

    /// <inheritdoc />
    public async Task<ChargeOutcome> ChargeAsync(ChargeRequest charge, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(charge);
        // A card that wants its holder to prove himself is declined at once: the store has no page for that.
        return Outcome(await _wire.PostAsync("v1/payment_intents", charge.IdempotencyKey, ct,
            ("amount", Text(charge.Amount.Cents)), ("currency", charge.Amount.Currency.ToLowerInvariant()),
            ("payment_method", charge.PaymentMethodId), ("confirm", "true"), ("error_on_requires_action", "true"),
            ("metadata[order_id]", charge.OrderId.ToString()),
            ("automatic_payment_methods[enabled]", "true"), ("automatic_payment_methods[allow_redirects]", "never")));
    }

    /// <inheritdoc />
    public async Task<ChargeOutcome> GetChargeAsync(string intentId, CancellationToken ct)
    {
        var answer = await _wire.GetAsync($"v1/payment_intents/{Uri.EscapeDataString(intentId)}", ct);
        return answer.Reply?.Status == 404 ? new ChargeOutcome.NotFound() : Read(answer);
    }

    /// <inheritdoc />
    public async Task<ChargeOutcome> FindChargeAsync(Guid orderId, CancellationToken ct)
    {
        var query = Uri.EscapeDataString($"metadata['order_id']:'{orderId}'");
        var answer = await _wire.GetAsync($"v1/payment_intents/search?limit=100&query={query}", ct);
        if (answer.Reply is not { Status: 200 } reply) return Read(answer);
        if (Read(reply, GatewayJson.Default.IntentsJson) is not { } found) return new ChargeOutcome.Unknown("unreadable", false);
        var outcomes = found.Data.OfType<IntentJson>().Select(Outcome).ToList();     // newest first
        return outcomes.Find(o => o is ChargeOutcome.Paid)
            ?? outcomes.Find(o => o is ChargeOutcome.Unknown)
            ?? outcomes.FirstOrDefault(new ChargeOutcome.NotFound());
    }

    /// <inheritdoc />
    public async Task<ChargeOutcome> CancelAsync(string intentId, CancellationToken ct)
    {
        var answer = await _wire.PostAsync($"v1/payment_intents/{Uri.EscapeDataString(intentId)}/cancel", $"cancel-{intentId}", ct);
        return answer.Reply?.Status == 404 ? new ChargeOutcome.NotFound() : Outcome(answer);
    }

    /// <inheritdoc />
    public async Task<RefundOutcome> RefundAsync(string intentId, Money amount, string idempotencyKey, string reason, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(reason);
        var (reply, none) = await _wire.PostAsync("v1/refunds", idempotencyKey, ct,
            ("payment_intent", intentId), ("amount", Text(amount.Cents)), ("reason", "requested_by_customer"),
            ("metadata[reason]", reason.Length > 500 ? reason[..500] : reason), ("metadata[key]", idempotencyKey));
        if (reply is null) return new RefundOutcome.Unknown(none!.Reason, none.CircuitOpen);
        if (reply.Status == 200) return Read(reply, GatewayJson.Default.RefundJson) is { } refund ? Outcome(refund) : new RefundOutcome.Unknown("unreadable", false);
        return Read(reply, GatewayJson.Default.FailureJson)?.Error is { Type: not "idempotency_error" } error
            ? new RefundOutcome.Refused(error.BestCode, error.Message ?? "The gateway refused the refund.")
            : new RefundOutcome.Unknown("refused_by_gateway", false);
    }

    /// <inheritdoc />
    public async Task<RefundOutcome> FindRefundAsync(string intentId, string idempotencyKey, CancellationToken ct)
    {
        for (var after = ""; ;)
        {
            var (reply, none) = await _wire.GetAsync($"v1/refunds?limit=100&payment_intent={Uri.EscapeDataString(intentId)}{after}", ct);
            if (reply is null) return new RefundOutcome.Unknown(none!.Reason, none.CircuitOpen);
            if (reply.Status != 200) return new RefundOutcome.Unknown("question_refused", false);
            if (Read(reply, GatewayJson.Default.RefundsJson) is not { } page) return new RefundOutcome.Unknown("unreadable", false);
            if (page.Data.FirstOrDefault(r => r.Metadata?.GetValueOrDefault("key") == idempotencyKey) is { } refund) return Outcome(refund);
            if (!page.HasMore || page.Data.Count == 0) return new RefundOutcome.NotFound();
            after = $"&starting_after={Uri.EscapeDataString(page.Data[^1].Id)}";
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _wire.Dispose();
        _vault.Dispose();
    }

    // A question that the gateway refuses says nothing of the money: only the answer to a charge may be a decline.
    private ChargeOutcome Read((GatewayReply? Reply, NoReply? None) answer) =>
        answer.Reply is { Status: not 200 } ? new ChargeOutcome.Unknown("question_refused", false) : Outcome(answer);

    private ChargeOutcome Outcome((GatewayReply? Reply, NoReply? None) answer)
    {
        if (answer.Reply is not { } reply) return new ChargeOutcome.Unknown(answer.None!.Reason, answer.None.CircuitOpen);
        if (reply.Status == 200)
            return Read(reply, GatewayJson.Default.IntentJson) is { } intent ? Outcome(intent) : new ChargeOutcome.Unknown("unreadable", false);
        return Read(reply, GatewayJson.Default.FailureJson)?.Error switch
        {
            // Too late to cancel, or charged meanwhile: the intent knows better than the complaint.
            { Type: not "card_error", PaymentIntent: { } intent } => Outcome(intent),
            // The request was never fit to be charged. An idempotency_error is not that: the key's first charge may have gone well.
            { Type: "card_error" or "invalid_request_error" } error => Declined(error.PaymentIntent?.Id, error.BestCode),
            _ => new ChargeOutcome.Unknown("refused_by_gateway", false),
        };
    }

    private static ChargeOutcome Outcome(IntentJson intent) => intent.Status switch
    {
        "succeeded" => new ChargeOutcome.Paid(intent.Id),
        "canceled" => Declined(intent.Id, "canceled"),
        "requires_payment_method" => Declined(intent.Id, intent.LastPaymentError?.BestCode ?? "generic_decline"),
        var underWay => new ChargeOutcome.Unknown(underWay, false, intent.Id),
    };

    private static RefundOutcome Outcome(RefundJson refund) => refund.Status is "failed" or "canceled"
        ? new RefundOutcome.Refused(refund.Status, "The bank did not take the refund.") : new RefundOutcome.Refunded(refund.Id);

    private static ChargeOutcome.Declined Declined(string? intentId, string code) => new(intentId, code, DeclineMessages.For(code));

    private T? Read<T>(GatewayReply reply, JsonTypeInfo<T> shape) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Body, shape);
        }
        catch (JsonException)
        {
            logger.Unreadable(reply.Status, shape.Type.Name);   // the body stays out of the log: whoever sent it may echo anything
            return null;
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
