using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Metrics;
using Retail.Core.Quality.Drills;
using Retail.Core.Quality.Scenarios;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality.Drills;

/// <summary>The drill of a gateway that fails and comes back.</summary>
public sealed class PaymentOutageDrillTests(TestDatabase database)
{
    [Fact]
    public async Task Shoppers_are_told_at_once_and_every_order_is_paid_once_when_the_gateway_is_back()
    {
        await using var shop = await DrillGround.StartAsync(database);
        using var over = new CancellationTokenSource();
        var hurry = HurryAsync(shop, over.Token);
        var drill = await shop.DrillAsync("payment-outage", null, ("orders", 3));
        await over.CancelAsync();
        await hurry;

        // All but what depends on how busy this machine is.
        Assert.Null(drill.Result!.Problem);
        Assert.All(drill.Result.Figures.Where(f => f.Type is not (MetricTypes.PaymentNoticeMs or MetricTypes.PaymentFastFailMs)), figure => Assert.True(figure.Holds, $"{figure.Words}: {figure.Text}"));
        Assert.Equal((6, 0), (drill.Of(MetricTypes.FaultModesTried), drill.Of(MetricTypes.FaultModeDeviations)));
        Assert.Equal((100, 0, 0), (drill.Of(MetricTypes.DrillPaymentsSettledPercent), drill.Of(MetricTypes.DrillDoubledCharges), drill.Of(MetricTypes.PaymentNoticeCartLost)));
        Assert.Contains(drill.Result.Figures, f => f.Type == MetricTypes.PaymentFastFailMs && f.Holds is not null);
        Assert.Equal(3L, await shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'payment_notice_ms' AND metadata->>'notice' = 'delayed' AND metadata->>'drill_id' = $1", drill.Run.Id.ToString()));
        Assert.Equal("", await shop.LeftoversAsync());
        using var faults = new HttpClient();
        Assert.Contains("\"mode\":\"none\"", await faults.GetStringAsync(new Uri(shop.BaseAddress, "/simulator/faults"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_whose_circuit_never_opens_fails()
    {
        await using var shop = await DrillGround.StartAsync(database, "--Payments:BreakerFailures=1000");
        var drill = await shop.DrillAsync("payment-outage", null, ("open-within", 2));

        Assert.Equal(DrillStatus.Failed, drill.Run.Status);
        Assert.Contains("did not open", drill.Result!.Problem, StringComparison.Ordinal);
        Assert.Equal("", await shop.LeftoversAsync());
    }

    [Fact]
    public async Task A_gateway_that_keeps_shoppers_waiting_while_the_circuit_is_open_breaks_the_promise()
    {
        await using var shop = await DrillGround.StartAsync(database, "--Payments:AttemptTimeout=00:00:03", "--Payments:TotalTimeout=00:00:09");
        using var http = new HttpClient { BaseAddress = shop.BaseAddress };
        using var over = new CancellationTokenSource();
        var hurry = HurryAsync(shop, over.Token);
        var drill = await shop.DrillAsync("payment-outage", async step =>
        {
            if (step.Text.StartsWith("The circuit is open", StringComparison.Ordinal))
                await http.PostAsJsonAsync("/simulator/faults", new { mode = "delay", delay_ms = 1500, vault = true }, TestContext.Current.CancellationToken);
        }, ("orders", 3));
        await over.CancelAsync();
        await hurry;

        Assert.Equal(DrillStatus.Failed, drill.Run.Status);
        Assert.True(drill.Of(MetricTypes.PaymentNoticeMs) > 1500);
        var verdicts = await shop.Services.GetRequiredService<ScenarioEvaluator>().EvaluateAsync(maxAge: null, TestContext.Current.CancellationToken);
        Assert.Equal(VerdictStatus.Fail, verdicts.Single(v => v.Scenario == "U2").Status);
    }

    // What the worker is promised to do half a minute later, it does now.
    private static async Task HurryAsync(Shop shop, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await shop.SqlAsync("UPDATE outbox SET due_at = now() WHERE status = 'Waiting' AND kind = 'settle-payment' AND due_at > now() + interval '1 second' AND tries < 5");
            await Task.Delay(500, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
