using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Retail.Web.GatewaySimulator;

/// <summary>What the gateway does with cards, charges and refunds.</summary>
internal sealed partial class SimulatorCharges(SimulatorBooks books, SimulatorWebhooks webhooks, TimeProvider clock)
{
    public async Task<SimulatorAnswer> TokeniseAsync(IFormCollection form)
    {
        if (form["type"] != "card") return SimulatorAnswer.Invalid("parameter_unknown", "This gateway takes type=card only.", "type");
        var now = clock.GetUtcNow();
        var number = form["card[number]"].ToString();
        if (!TestCards.IsCardNumber(number)) return SimulatorAnswer.BadCard("incorrect_number", "Your card number is incorrect.", "number");
        if (Number(form, "card[exp_month]") is not (>= 1 and <= 12 and var month)) return SimulatorAnswer.BadCard("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month");
        if (Number(form, "card[exp_year]") is not (>= 2000 and <= 2099 and var year) || year < now.Year) return SimulatorAnswer.BadCard("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year");
        if (year == now.Year && month < now.Month) return SimulatorAnswer.BadCard("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month");
        if (!SecurityCode().IsMatch(form["card[cvc]"].ToString())) return SimulatorAnswer.BadCard("invalid_cvc", "Your card's security code is invalid.", "cvc");
        if (TestCards.WithNumber(number) is not { } card)
        {
            var refusal = new JsonObject { ["type"] = "card_error", ["code"] = "card_declined", ["decline_code"] = "test_mode_live_card", ["message"] = "Your card was declined. Your request was in test mode, but used a non test card." };
            return new(402, new JsonObject { ["error"] = refusal }.ToJsonString());
        }
        var id = SimulatorAnswer.NewId("pm");
        await using var connection = await books.OpenAsync();
        await connection.AddMethodAsync(id, card, now);
        return SimulatorAnswer.Ok(new()
        {
            ["id"] = id,
            ["object"] = "payment_method",
            ["type"] = "card",
            ["card"] = new JsonObject { ["brand"] = card.Brand, ["last4"] = card.Last4, ["exp_month"] = month, ["exp_year"] = year },
            ["billing_details"] = new JsonObject { ["name"] = form["billing_details[name]"].ToString() },
            ["created"] = now.ToUnixTimeSeconds(),
            ["livemode"] = false,
        });
    }

    public async Task<SimulatorAnswer> ChargeAsync(HttpRequest request, IFormCollection form, bool declineAll)
    {
        if (Number(form, "amount") is not (> 0 and var amount)) return SimulatorAnswer.Invalid("parameter_invalid_integer", "The amount must be a whole number above 0.", "amount");
        var currency = form["currency"].ToString();
        if (currency is not { Length: 3 }) return SimulatorAnswer.Missing("currency");
        var method = form["payment_method"].ToString();
        if (method.Length == 0) return SimulatorAnswer.Missing("payment_method");
        if (form["confirm"] != "true") return SimulatorAnswer.Invalid("parameter_missing", "This gateway charges at once: confirm must be true.", "confirm");
        var now = clock.GetUtcNow();
        Intent? made = null;
        var answer = await books.OnceAsync(request, form, now, async connection =>
        {
            if (await connection.FindBehaviourAsync(method) is not { } behaviour)
                return SimulatorAnswer.Invalid("resource_missing", $"No such PaymentMethod: '{method}'", "payment_method");
            var decline = Decline(declineAll ? CardBehaviour.Declined : behaviour);
            var intent = new Intent(SimulatorAnswer.NewId("pi"), amount, currency.ToLowerInvariant(), decline is null ? "succeeded" : "requires_payment_method",
                method, Metadata(form), decline?.ToJsonString(), SimulatorAnswer.NewId("ch"), now, null);
            await connection.AddIntentAsync(made = intent);
            if (decline is null) return SimulatorAnswer.Ok(intent.ToJson());
            decline["payment_intent"] = intent.ToJson();
            return new SimulatorAnswer(402, new JsonObject { ["error"] = decline }.ToJsonString());
        });
        if (made is not null) webhooks.Tell(made.Status == "succeeded" ? "payment_intent.succeeded" : "payment_intent.payment_failed", made.ToJson());
        return answer;
    }

    public async Task<SimulatorAnswer> GetAsync(string id)
    {
        await using var connection = await books.OpenAsync();
        return await connection.FindIntentAsync(id) is { } intent ? SimulatorAnswer.Ok(intent.ToJson()) : SimulatorAnswer.NoSuch("payment_intent", id, "intent");
    }

    public async Task<SimulatorAnswer> SearchAsync(string query)
    {
        if (OrderQuery().Match(query) is not { Success: true } asked)
            return SimulatorAnswer.Invalid("parameter_invalid_string", "This gateway searches by metadata['order_id']:'…' only.", "query");
        await using var connection = await books.OpenAsync();
        var found = await connection.FindIntentsAsync(asked.Groups["id"].Value);
        return SimulatorAnswer.Ok(new()
        {
            ["object"] = "search_result",
            ["url"] = "/v1/payment_intents/search",
            ["has_more"] = false,
            ["next_page"] = null,
            ["data"] = new JsonArray([.. found.Select(intent => intent.ToJson())]),
        });
    }

    public async Task<SimulatorAnswer> CancelAsync(string id, HttpRequest request, IFormCollection form)
    {
        var now = clock.GetUtcNow();
        Intent? canceled = null;
        var answer = await books.OnceAsync(request, form, now, async connection =>
        {
            if (await connection.TakeIntentAsync(id) is not { } intent) return SimulatorAnswer.NoSuch("payment_intent", id, "intent");
            if (intent.Status is "succeeded" or "canceled")
            {
                return SimulatorAnswer.Error(400, "invalid_request_error", "payment_intent_unexpected_state",
                    $"You cannot cancel this PaymentIntent because it has a status of {intent.Status}.", null, intent.ToJson());
            }
            await connection.CancelIntentAsync(id, now);
            canceled = intent with { Status = "canceled", CanceledAt = now };
            return SimulatorAnswer.Ok(canceled.ToJson());
        });
        if (canceled is not null) webhooks.Tell("payment_intent.canceled", canceled.ToJson());
        return answer;
    }

    public async Task<SimulatorAnswer> RefundsAsync(string intent)
    {
        if (intent.Length == 0) return SimulatorAnswer.Missing("payment_intent");
        await using var connection = await books.OpenAsync();
        var found = await connection.FindRefundsAsync(intent);
        return SimulatorAnswer.Ok(new() { ["object"] = "list", ["url"] = "/v1/refunds", ["has_more"] = false, ["data"] = new JsonArray([.. found]) });
    }

    public async Task<SimulatorAnswer> RefundAsync(HttpRequest request, IFormCollection form)
    {
        var id = form["payment_intent"].ToString();
        if (id.Length == 0) return SimulatorAnswer.Missing("payment_intent");
        var asked = Number(form, "amount");
        if (form.ContainsKey("amount") && asked is not > 0) return SimulatorAnswer.Invalid("parameter_invalid_integer", "The amount must be a whole number above 0.", "amount");
        var reason = form["reason"].ToString();
        if (reason is not ("" or "duplicate" or "fraudulent" or "requested_by_customer")) return SimulatorAnswer.Invalid("parameter_invalid_string", "No such reason.", "reason");
        var now = clock.GetUtcNow();
        JsonObject? charge = null;
        var answer = await books.OnceAsync(request, form, now, async connection =>
        {
            if (await connection.TakeIntentAsync(id) is not { } intent) return SimulatorAnswer.NoSuch("payment_intent", id, "payment_intent");
            if (intent.Status != "succeeded") return SimulatorAnswer.Invalid("charge_not_refundable", "This PaymentIntent does not have a successful charge to refund.", "payment_intent");
            var left = intent.Amount - await connection.RefundedAsync(id);
            if (left == 0) return SimulatorAnswer.Invalid("charge_already_refunded", $"Charge {intent.LatestCharge} has already been refunded.");
            var amount = asked ?? left;
            if (amount > left) return SimulatorAnswer.Invalid("amount_too_large", $"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", "amount");
            var (refund, metadata) = (SimulatorAnswer.NewId("re"), Metadata(form));
            await connection.AddRefundAsync(refund, id, amount, reason.Length == 0 ? null : reason, metadata, now);
            charge = new()
            {
                ["id"] = intent.LatestCharge,
                ["object"] = "charge",
                ["amount"] = intent.Amount,
                ["amount_refunded"] = intent.Amount - left + amount,
                ["refunded"] = amount == left,
                ["currency"] = intent.Currency,
                ["payment_intent"] = id,
                ["metadata"] = JsonNode.Parse(intent.Metadata),
            };
            return SimulatorAnswer.Ok(new()
            {
                ["id"] = refund,
                ["object"] = "refund",
                ["amount"] = amount,
                ["charge"] = intent.LatestCharge,
                ["payment_intent"] = id,
                ["currency"] = intent.Currency,
                ["reason"] = reason.Length == 0 ? null : reason,
                ["status"] = "succeeded",
                ["metadata"] = JsonNode.Parse(metadata),
                ["created"] = now.ToUnixTimeSeconds(),
            });
        });
        if (charge is not null) webhooks.Tell("charge.refunded", charge);
        return answer;
    }

    private static JsonObject? Decline(CardBehaviour behaviour) => behaviour switch
    {
        CardBehaviour.Pays => null,
        CardBehaviour.Declined => CardError("card_declined", "generic_decline", "Your card was declined."),
        CardBehaviour.InsufficientFunds => CardError("card_declined", "insufficient_funds", "Your card has insufficient funds."),
        CardBehaviour.ExpiredCard => CardError("expired_card", null, "Your card has expired."),
        CardBehaviour.IncorrectCvc => CardError("incorrect_cvc", null, "Your card's security code is incorrect."),
        CardBehaviour.ProcessingError => CardError("processing_error", null, "An error occurred while processing your card. Try again in a little bit."),
        _ => throw new ArgumentOutOfRangeException(nameof(behaviour), behaviour, null),
    };

    private static JsonObject CardError(string code, string? declineCode, string message)
    {
        var error = new JsonObject { ["type"] = "card_error", ["code"] = code, ["message"] = message };
        if (declineCode is not null) error["decline_code"] = declineCode;
        return error;
    }

    private static long? Number(IFormCollection form, string name) =>
        long.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Metadata(IFormCollection form)
    {
        var metadata = new JsonObject();
        foreach (var (name, value) in form)
            if (name.StartsWith("metadata[", StringComparison.Ordinal) && name.EndsWith(']')) metadata[name[9..^1]] = value.ToString();
        return metadata.ToJsonString();
    }

    [GeneratedRegex("^[0-9]{3,4}$")]
    private static partial Regex SecurityCode();

    [GeneratedRegex("""^metadata\[["']order_id["']\]:["'](?<id>[0-9A-Za-z-]+)["']$""")]
    private static partial Regex OrderQuery();
}
