using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Jobs;
using Retail.Core.Metrics;
using Retail.Core.Quality.Alerts;
using Retail.Tests.Admin;
using Retail.Tests.Notifications;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>An alert as people meet it: in the mail, at Slack and PagerDuty, on the page.</summary>
public sealed class AlertDeliveryTests(TestDatabase database) : IAsyncLifetime
{
    private HttpService _world = null!;
    private Shop _shop = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await HttpService.StartAsync();
        _shop = await Shop.StartAsync(database, worker: true, $"--Alerts:SlackUrl={_world.Address}/slack", $"--Alerts:PagerDutyUrl={_world.Address}/pagerduty", "--Alerts:PagerDutyKey=key-1");
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_conflict_reaches_people_once_and_an_admin_takes_it_up()
    {
        _shop.Services.GetRequiredService<MetricRecorder>().Record(MetricTypes.StockConflicts, 1, new { source = "intake" });
        while ((long)(await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'stock_conflicts'"))! == 0) await Task.Delay(100, TestContext.Current.CancellationToken);
        await EvaluateAsync();
        await EvaluateAsync();
        await WaitForAsync(() => _world.Requests.Count >= 2);

        var slack = Assert.Single(_world.Requests, r => r.Path == "/slack").Body;
        Assert.Contains("Critical: Stock went wrong", slack.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("danger", slack.GetProperty("attachments")[0].GetProperty("color").GetString());
        var page = Assert.Single(_world.Requests, r => r.Path == "/pagerduty").Body;
        Assert.Equal(("key-1", "trigger", "retail-stock-conflicts"), (page.GetProperty("routing_key").GetString(), page.GetProperty("event_action").GetString(), page.GetProperty("dedup_key").GetString()));
        Assert.Equal("critical", page.GetProperty("payload").GetProperty("severity").GetString());
        await WaitForAsync(() => Directory.Exists(_shop.MailFolder) && Directory.GetFiles(_shop.MailFolder).Length > 0);
        Assert.Contains("Stock went wrong", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_shop.MailFolder)), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var admin = await _shop.OpenAsAdminAsync("/admin/alerts");
        Assert.Contains("One fires.", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/alerts/stock-conflicts");
        await admin.SubmitAsync("I am on it");
        Assert.Contains("admin, since", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Set", ("Threshold", "many"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, admin.Status);
        Assert.Contains("Write the threshold as a number", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/alerts/stock-conflicts");
        await admin.SubmitAsync("Silence", ("Minutes", "240"));
        Assert.Contains("Nobody is told until", admin.Text, StringComparison.Ordinal);
        Assert.Equal(3L, await _shop.SqlAsync("SELECT count(*) FROM alert_events WHERE rule = 'stock-conflicts'"));
        await admin.OpenAsync("/admin/alerts/nothing");
        Assert.Equal(HttpStatusCode.NotFound, admin.Status);
    }

    private async Task EvaluateAsync()
    {
        await using var scope = _shop.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<EvaluateAlerts>().RunAsync(new NoArgs(), TestContext.Current.CancellationToken);
    }

    private static async Task WaitForAsync(Func<bool> done)
    {
        for (var tries = 0; tries < 300 && !done(); tries++) await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.True(done(), "It did not come.");
    }
}
