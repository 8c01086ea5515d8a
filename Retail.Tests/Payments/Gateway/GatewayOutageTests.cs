using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Payments.Gateway;
using Retail.Tests.Support;
using Retail.Web.GatewaySimulator;
using Xunit;

namespace Retail.Tests.Payments.Gateway;

/// <summary>What the store gets when the gateway is slow, broken or away.</summary>
public sealed class GatewayOutageTests(TestDatabase postgres) : IAsyncLifetime
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

    [Theory]
    [InlineData("error500")]
    [InlineData("cut")]
    public async Task Two_bad_attempts_and_a_good_one_pay(string mode)
    {
        await _gateway.FailAsync(new { mode, calls = 2 });
        Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(Order()));
        Assert.Contains("attempt 2 failed", _gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_only_errs_leaves_the_charge_unknown()
    {
        var order = Order();
        await _gateway.FailAsync(new { mode = "error500" });
        Assert.Equal(new ChargeOutcome.Unknown("answered_500", false), await _gateway.ChargeAsync(order));
        await _gateway.RecoverAsync();
        Assert.IsType<ChargeOutcome.NotFound>(await _gateway.Client.FindChargeAsync(order, Ct));
    }

    [Fact]
    public async Task A_gateway_that_hangs_costs_seven_seconds_at_most()
    {
        await _gateway.FailAsync(new { mode = "hang" });
        var clock = Stopwatch.StartNew();
        Assert.Equal(new ChargeOutcome.Unknown("timed_out", false), await _gateway.ChargeAsync(Order()));
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(7.5));
    }

    [Fact]
    public async Task A_late_answer_is_found_by_the_next_attempt_and_charged_once()
    {
        var order = Order();
        await _gateway.FailAsync(new { mode = "delay", delay_ms = 2100, calls = 1 });       // the first attempt gives up at 2 s
        var paid = Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(order));
        await Task.Delay(500, Ct);
        Assert.Equal(paid, await _gateway.Client.FindChargeAsync(order, Ct));
        await using var charges = _books.CreateCommand($"SELECT count(*) FROM simulator.payment_intents WHERE metadata ->> 'order_id' = '{order}'");
        Assert.Equal(1L, await charges.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task A_charge_whose_answer_is_lost_is_found_again()
    {
        var order = Order();
        await _gateway.FailAsync(new { mode = "succeed_silently" });
        Assert.Equal(new ChargeOutcome.Unknown("unreachable", false), await _gateway.ChargeAsync(order));
        await _gateway.RecoverAsync();
        var found = Assert.IsType<ChargeOutcome.Paid>(await _gateway.Client.FindChargeAsync(order, Ct));
        Assert.Equal(found, await _gateway.ChargeAsync(order));
    }

    [Fact]
    public async Task One_call_in_five_failing_pays_nearly_all_the_same()
    {
        await _gateway.ChargeAsync(Order());        // a success in the window, as in any shop that is open
        await _gateway.FailAsync(new { mode = "error500", share = 0.2 });
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _gateway.ChargeAsync(Order())));
        Assert.InRange(outcomes.Count(o => o is ChargeOutcome.Paid), 36, 40);
    }

    [Fact]
    public async Task A_fault_can_decline_every_card()
    {
        await _gateway.FailAsync(new { mode = "decline" });
        Assert.Equal("generic_decline", Assert.IsType<ChargeOutcome.Declined>(await _gateway.ChargeAsync(Order())).Code);
    }

    [Fact]
    public async Task Five_failures_open_the_circuit_a_minute_later_one_success_closes_it()
    {
        var changes = new List<string>();
        _gateway.Pipeline.Changed += (from, to) => changes.Add($"{from.MetricName()}>{to.MetricName()}");
        await _gateway.FailAsync(new { mode = "error500" });
        await _gateway.ChargeAsync(Order());
        Assert.Equal(CircuitState.Closed, _gateway.Pipeline.Current);                       // three failures
        Assert.Equal(new ChargeOutcome.Unknown("failed_until_circuit_opened", false), await _gateway.ChargeAsync(Order()));
        Assert.Equal(CircuitState.Open, _gateway.Pipeline.Current);

        await _gateway.RecoverAsync();
        var clock = Stopwatch.StartNew();
        Assert.Equal(new ChargeOutcome.Unknown("circuit_open", true), await _gateway.ChargeAsync(Order()));
        Assert.InRange(clock.ElapsedMilliseconds, 0, 99);

        await _gateway.FailAsync(new { mode = "cut", calls = 1 });
        _gateway.Clock.Skip(TimeSpan.FromSeconds(61));
        Assert.IsType<ChargeOutcome.Unknown>(await _gateway.ChargeAsync(Order()));          // the probe fails: open for another minute
        Assert.Equal(new ChargeOutcome.Unknown("circuit_open", true), await _gateway.ChargeAsync(Order()));

        _gateway.Clock.Skip(TimeSpan.FromSeconds(61));
        Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(Order()));
        Assert.Equal(CircuitState.Closed, _gateway.Pipeline.Current);
        Assert.Equal(["CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED"], changes);
        Assert.Contains("circuit went from CLOSED to OPEN", _gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_success_among_the_failures_keeps_the_circuit_closed()
    {
        Assert.IsType<ChargeOutcome.Paid>(await _gateway.ChargeAsync(Order()));
        await _gateway.FailAsync(new { mode = "error500" });
        for (var i = 0; i < 3; i++) await _gateway.ChargeAsync(Order());
        Assert.Equal(CircuitState.Closed, _gateway.Pipeline.Current);
        _gateway.Clock.Skip(TimeSpan.FromSeconds(61));                                       // the success is forgotten, the failures too
        await _gateway.ChargeAsync(Order());
        Assert.Equal(CircuitState.Closed, _gateway.Pipeline.Current);
        await _gateway.ChargeAsync(Order());
        Assert.Equal(CircuitState.Open, _gateway.Pipeline.Current);
    }

    [Fact]
    public async Task A_shopper_who_leaves_does_not_stop_a_charge_that_has_begun()
    {
        await _gateway.FailAsync(new { mode = "delay", delay_ms = 500, calls = 1 });
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var charge = _gateway.Client.ChargeAsync(new(Order(), new Money(5, "USD"), "pm_card_visa", $"left-{Order()}"), leaves.Token);
        await leaves.CancelAsync();
        Assert.IsType<ChargeOutcome.Paid>(await charge);
        await Assert.ThrowsAsync<OperationCanceledException>(() => _gateway.Client.FindChargeAsync(Order(), leaves.Token));
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_unreachable()
    {
        await using var away = await SimulatedGateway.StartAsync(_books, ("GatewayUrl", "http://127.0.0.1:1"), ("RetryBaseDelay", "00:00:00.010"));
        Assert.Equal(new ChargeOutcome.Unknown("unreachable", false), await away.ChargeAsync(Order()));
    }

    [Fact]
    public async Task A_fault_that_makes_no_sense_is_refused()
    {
        using var http = new HttpClient();
        foreach (var body in new[] { """{"mode":"explode"}""", """{"mode":"cut","share":2}""", "{", "null" })
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri(_gateway.Address, "faults"), content, Ct);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        await _gateway.FailAsync(new { mode = "error500", share = 0.5, calls = 7 });
        Assert.Equal("""{"mode":"error500","share":0.5,"delay_ms":3000,"calls":7,"vault":false,"drill":null}""", await http.GetStringAsync(new Uri(_gateway.Address, "faults"), Ct));
    }

    [Fact]
    public async Task Answers_that_are_not_the_protocol_are_unknown_never_an_exception()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var odd = builder.Build();
        odd.Urls.Add("http://127.0.0.1:0");
        var body = "<html>Welcome to the hotel</html>";
        odd.MapFallback(async http =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body), http.RequestAborted);
        });
        await odd.StartAsync(Ct);
        await using var gateway = await SimulatedGateway.StartAsync(_books, ("GatewayUrl", odd.Urls.First()));
        foreach (var nonsense in new[] { body, "", "{}", "[]", "null", """{"id":null,"status":"succeeded"}""", """{"data":null}""", """{"data":[{}]}""" })
        {
            body = nonsense;
            Assert.Equal(new ChargeOutcome.Unknown("unreadable", false), await gateway.ChargeAsync(Order()));
            Assert.Equal(new ChargeOutcome.Unknown("unreadable", false), await gateway.Client.FindChargeAsync(Order(), Ct));
        }
    }

    [Fact]
    public async Task A_question_that_the_gateway_refuses_says_nothing_of_the_money()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var strict = builder.Build();
        strict.Urls.Add("http://127.0.0.1:0");
        strict.MapFallback(() => Microsoft.AspNetCore.Http.Results.Json(new { error = new { type = "invalid_request_error", code = "parameter_invalid", message = "No such query." } }, statusCode: 400));
        await strict.StartAsync(Ct);
        await using var gateway = await SimulatedGateway.StartAsync(_books, ("GatewayUrl", strict.Urls.First()));
        Assert.Equal(new ChargeOutcome.Unknown("question_refused", false), await gateway.Client.FindChargeAsync(Order(), Ct));
        Assert.Equal(new ChargeOutcome.Unknown("question_refused", false), await gateway.Client.GetChargeAsync("pi_1", Ct));
        Assert.Equal(new RefundOutcome.Unknown("question_refused", false), await gateway.Client.FindRefundAsync("pi_1", "key", Ct));
        Assert.IsType<ChargeOutcome.Declined>(await gateway.ChargeAsync(Order()));   // the answer to a charge is one
    }

    [Theory]
    [InlineData("Development", "GatewayUrl", "ftp://gateway", "http or https")]
    [InlineData("Development", "AttemptTimeout", "00:05:00", "AttemptTimeout")]
    [InlineData("Development", "SecretKey", "secret", "SecretKey")]
    [InlineData("Production", "GatewayUrl", "", "must be set in production")]
    [InlineData("Production", "GatewayUrl", "https://gateway.example", "the defaults are the simulator's")]
    public async Task A_wrong_setting_stops_the_start_in_words(string environment, string name, string value, string words)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration[$"Payments:{name}"] = value;
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_books).AddPaymentGateway().AddGatewaySimulator();
        await using var app = builder.Build();
        app.MapGatewaySimulator();
        app.Urls.Add("http://127.0.0.1:0");
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Ct));
        Assert.Contains(words, wrong.Message, StringComparison.Ordinal);
    }

    private static Guid Order() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
}
