using Npgsql;
using Retail.Core.Common;
using Retail.Core.Payments.Gateway;
using Retail.Tests.Support;
using Retail.Web.GatewaySimulator;
using Xunit;

namespace Retail.Tests.Payments.Gateway;

/// <summary>What cards, charges and refunds do over the wire.</summary>
public sealed class GatewayTests(TestDatabase postgres) : IAsyncLifetime
{
    private SimulatedGateway _gateway = null!;
    private NpgsqlDataSource _books = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _books = NpgsqlDataSource.Create(await postgres.EmptyAsync());
        _gateway = await SimulatedGateway.StartAsync(_books);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _books.DisposeAsync();
    }

    [Fact]
    public async Task A_card_becomes_a_token_and_the_token_pays()
    {
        var card = await _gateway.Client.TokeniseAsync(Card("5555 5555 5555 4444"), Ct);
        var method = Assert.IsType<GatewayAnswer<PaymentMethod>.Given>(card).Value;
        Assert.Equal(("mastercard", "4444"), (method.Brand, method.Last4));
        Assert.StartsWith("pm_", method.Id, StringComparison.Ordinal);

        var paid = Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(Order(), method.Id, 19.99m));
        Assert.Equal(1999L, await ScalarAsync("SELECT amount FROM simulator.payment_intents WHERE id = $1", paid.IntentId));
        Assert.Equal(paid, await _gateway.Client.GetChargeAsync(paid.IntentId, Ct));
    }

    [Theory]
    [InlineData("4000000000000002", "generic_decline", "declined")]
    [InlineData("4000000000009995", "insufficient_funds", "insufficient funds")]
    [InlineData("4000000000000069", "expired_card", "has expired")]
    public async Task A_declined_card_says_why(string number, string code, string words)
    {
        var method = Assert.IsType<GatewayAnswer<PaymentMethod>.Given>(await _gateway.Client.TokeniseAsync(Card(number), Ct)).Value;
        var order = Order();
        var declined = Assert.IsType<ChargeOutcome.Declined>(await _gateway.ChargeAsync(order, method.Id));
        Assert.Equal(code, declined.Code);
        Assert.Contains(words, declined.Message, StringComparison.Ordinal);
        Assert.NotNull(declined.IntentId);
        Assert.Equal(declined, await _gateway.Client.FindChargeAsync(order, Ct));
        Assert.DoesNotContain("attempt", _gateway.Log.Text, StringComparison.Ordinal);      // a decline is never repeated
    }

    [Theory]
    [InlineData("4242424242424241", 2050, "123", "incorrect_number")]
    [InlineData("42", 2050, "123", "incorrect_number")]
    [InlineData("4242424242424242", 2020, "123", "invalid_expiry_year")]
    [InlineData("4242424242424242", 2050, "12", "invalid_cvc")]
    [InlineData("4111111111111111", 2050, "123", "test_mode_live_card")]
    public async Task A_card_that_cannot_be_right_is_refused_before_any_charge(string number, int year, string securityCode, string code)
    {
        var refused = await _gateway.Client.TokeniseAsync(new(number, 12, year, securityCode, "Ann"), Ct);
        Assert.Equal(code, Assert.IsType<GatewayAnswer<PaymentMethod>.Refused>(refused).Code);
    }

    [Fact]
    public async Task A_key_charges_once_and_repeats_its_answer()
    {
        var order = Order();
        var first = await _gateway.ChargeAsync(order);
        Assert.Equal(first, await _gateway.ChargeAsync(order));
        Assert.Equal(1L, await ChargesOfAsync(order));

        var form = new Dictionary<string, string> { ["amount"] = "500", ["currency"] = "usd", ["payment_method"] = "pm_card_visa", ["confirm"] = "true" };
        var (status, body, replayed) = await _gateway.PostAsync("v1/payment_intents", $"raw-{order}", form);
        Assert.Equal((200, false), (status, replayed));
        Assert.Equal((200, body, true), await _gateway.PostAsync("v1/payment_intents", $"raw-{order}", form));
        form["amount"] = "501";
        var other = await _gateway.PostAsync("v1/payment_intents", $"raw-{order}", form);
        Assert.Equal(400, other.Status);
        Assert.Contains("idempotency_error", other.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_with_another_amount_is_unknown_rather_than_declined()
    {
        var order = Order();
        Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(order, amount: 10));
        Assert.Equal(new ChargeOutcome.Unknown("refused_by_gateway", false), await _gateway.ChargeAsync(order, amount: 11));
    }

    [Fact]
    public async Task Twenty_charges_at_once_with_one_key_are_one_charge()
    {
        var order = Order();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _gateway.ChargeAsync(order)));
        Assert.IsType<ChargeOutcome.Paid>(Assert.Single(outcomes.Distinct()));
        Assert.Equal(1L, await ChargesOfAsync(order));
        Assert.Equal(CircuitState.Closed, _gateway.Pipeline.Current);
    }

    [Fact]
    public async Task A_charge_that_nobody_made_is_not_found()
    {
        Assert.IsType<ChargeOutcome.NotFound>(await _gateway.Client.FindChargeAsync(Order(), Ct));
        Assert.IsType<ChargeOutcome.NotFound>(await _gateway.Client.GetChargeAsync("pi_none", Ct));
        Assert.IsType<ChargeOutcome.NotFound>(await _gateway.Client.CancelAsync("pi_none", Ct));
        Assert.Equal("resource_missing", Assert.IsType<ChargeOutcome.Declined>(await _gateway.ChargeAsync(Order(), "pm_none")).Code);
    }

    [Fact]
    public async Task The_paid_charge_of_an_order_outweighs_its_declined_ones()
    {
        var order = Order();
        await _gateway.ChargeAsync(order, "pm_card_chargeDeclined", key: $"{order}-1");
        var paid = await _gateway.ChargeAsync(order, "pm_card_visa", key: $"{order}-2");
        await _gateway.ChargeAsync(order, "pm_card_visa_chargeDeclinedInsufficientFunds", key: $"{order}-3");
        Assert.Equal(Assert.IsType<ChargeOutcome.Paid>(paid), await _gateway.Client.FindChargeAsync(order, Ct));
    }

    [Fact]
    public async Task A_declined_charge_can_be_called_off_and_a_paid_one_is_too_late()
    {
        var order = Order();
        var declined = Assert.IsType<ChargeOutcome.Declined>(await _gateway.ChargeAsync(order, "pm_card_chargeDeclined"));
        Assert.Equal("canceled", Assert.IsType<ChargeOutcome.Declined>(await _gateway.Client.CancelAsync(declined.IntentId!, Ct)).Code);
        var paid = Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(Order()));
        Assert.Equal(paid, await _gateway.Client.CancelAsync(paid.IntentId, Ct));
    }

    [Fact]
    public async Task A_charge_is_paid_back_once_and_never_beyond_its_amount()
    {
        var order = Order();
        var paid = Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(order, amount: 30));
        var first = Assert.IsType<RefundOutcome.Refunded>(await RefundAsync(paid, 10, $"{order}-r1"));
        Assert.Equal(first, await RefundAsync(paid, 10, $"{order}-r1"));
        Assert.Equal("amount_too_large", Assert.IsType<RefundOutcome.Refused>(await RefundAsync(paid, 20.01m, $"{order}-r2")).Code);
        var rest = await Task.WhenAll(Enumerable.Range(3, 5).Select(i => RefundAsync(paid, 20, $"{order}-r{i}")));
        Assert.Single(rest.OfType<RefundOutcome.Refunded>());
        Assert.Equal(4, rest.OfType<RefundOutcome.Refused>().Count(r => r.Code == "charge_already_refunded"));
        Assert.Equal(3000L, await ScalarAsync("SELECT sum(amount)::bigint FROM simulator.refunds WHERE payment_intent = $1", paid.IntentId));
    }

    [Fact]
    public async Task A_new_host_finds_the_books_as_the_old_one_left_them()
    {
        var order = Order();
        var paid = await _gateway.ChargeAsync(order);
        await _gateway.DisposeAsync();
        _gateway = await SimulatedGateway.StartAsync(_books);
        Assert.Equal(paid, await _gateway.Client.FindChargeAsync(order, Ct));
        Assert.Equal(paid, await _gateway.ChargeAsync(order));
        Assert.Equal(1L, await ChargesOfAsync(order));
    }

    [Fact]
    public async Task Neither_log_nor_books_hold_a_card_number()
    {
        var card = new CardDetails("4242-4242-4242-4242", 12, 2050, "987", "Ann Example");
        Assert.IsType<GatewayAnswer<PaymentMethod>.Given>(await _gateway.Client.TokeniseAsync(card, Ct));
        Assert.Equal("card ending 4242", card.ToString());
        Assert.DoesNotContain("4242424242", System.Text.Json.JsonSerializer.Serialize(card), StringComparison.Ordinal);
        Assert.Contains("payment_methods", _gateway.Log.Text, StringComparison.Ordinal);     // it did look at something
        foreach (var secret in new[] { "4242424242", "4242-4242", "987\"", PaymentsOptions.SimulatorKey })
            Assert.DoesNotContain(secret, _gateway.Log.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM simulator.payment_methods m WHERE m::text LIKE '%' || $1 || '%'", "4242424242"));
    }

    [Fact]
    public async Task The_simulator_serves_nobody_without_the_key()
    {
        var (status, _, _) = await _gateway.PostAsync("v1/payment_intents", null, [], "sk_test_wrong");
        Assert.Equal(401, status);
    }

    [Fact]
    public async Task Every_listed_test_card_does_the_same_by_number_and_by_token()
    {
        foreach (var card in TestCards.All)
        {
            var method = Assert.IsType<GatewayAnswer<PaymentMethod>.Given>(await _gateway.Client.TokeniseAsync(Card(card.Number), Ct)).Value;
            var (byNumber, byToken) = (await _gateway.ChargeAsync(Order(), method.Id), await _gateway.ChargeAsync(Order(), card.Token));
            Assert.Equal(card.Behaviour == CardBehaviour.Pays, byNumber is ChargeOutcome.Paid);
            Assert.Equal((byNumber as ChargeOutcome.Declined)?.Code, (byToken as ChargeOutcome.Declined)?.Code);
        }
    }

    private static CardDetails Card(string number) => new(number, 12, 2050, "123", "Ann Example");

    private static Guid Order() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private Task<RefundOutcome> RefundAsync(ChargeOutcome.Paid paid, decimal amount, string key) =>
        _gateway.Client.RefundAsync(paid.IntentId, new Money(amount, "USD"), key, "Arrived broken", Ct);

    private async Task<object?> ChargesOfAsync(Guid order) =>
        await ScalarAsync("SELECT count(*) FROM simulator.payment_intents WHERE metadata ->> 'order_id' = $1", order.ToString());

    private async Task<object?> ScalarAsync(string sql, string value)
    {
        await using var command = _books.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = value });
        return await command.ExecuteScalarAsync(Ct);
    }
}
