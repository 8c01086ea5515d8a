using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Jobs;
using Retail.Core.Metrics;
using Retail.Core.Quality.Drills;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality.Drills;

/// <summary>Who may run a drill, where, how many at once, and what is left when it is stopped or killed.</summary>
public sealed class DrillRunnerTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await DrillGround.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task One_at_a_time_and_what_a_killed_one_left_is_cleared_away()
    {
        var runner = _shop.Services.GetRequiredService<DrillRunner>();
        var killed = (await runner.BeginAsync(_shop.Wish("flash-sale"), TestContext.Current.CancellationToken)).Value;
        using (DrillScope.Begin(killed.Id))
            await CoreHost.HasProductAsync(_shop.Services, "Left behind", 5);
        Assert.Equal("drill_running", (await runner.BeginAsync(_shop.Wish("flash-sale"), TestContext.Current.CancellationToken)).Error?.Code);
        await LeftoversAsync();
        Assert.Equal(1L, await _shop.SqlAsync("SELECT count(*) FROM products WHERE drill_id IS NOT NULL"));   // it runs: nobody touches its goods

        await killed.DisposeAsync();   // as its process dies: the turn is free, and nothing was finished
        await LeftoversAsync();
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM products WHERE drill_id IS NOT NULL"));
        Assert.Equal("Stopped", await _shop.SqlAsync("SELECT status FROM drills WHERE id = $1", killed.Id));
    }

    [Fact]
    public async Task In_production_a_drill_wants_the_setting_and_elsewhere_a_store_that_answers()
    {
        await using var node = await HttpNode.StartAsync("""{ "node": "web:1", "release": "1", "production": true, "allowed": false, "circuit": "CLOSED" }""");
        var runner = _shop.Services.GetRequiredService<DrillRunner>();
        var forbidden = await runner.BeginAsync(_shop.Wish("flash-sale") with { Nodes = [node.Address] }, TestContext.Current.CancellationToken);
        Assert.Contains("Drills:AllowInProduction", forbidden.Error?.Message, StringComparison.Ordinal);

        node.Says = """{ "node": "web:1", "release": "1", "production": true, "allowed": true, "circuit": "CLOSED" }""";
        await using (var allowed = (await runner.BeginAsync(_shop.Wish("flash-sale") with { Nodes = [node.Address] }, TestContext.Current.CancellationToken)).Value) Assert.NotEqual(Guid.Empty, allowed.Id);
        Assert.Equal("no_simulator", (await runner.BeginAsync(_shop.Wish("payment-outage") with { Nodes = [node.Address] }, TestContext.Current.CancellationToken)).Error?.Code);

        node.Says = "<html>Another store</html>";
        Assert.Equal("store_not_reached", (await runner.BeginAsync(_shop.Wish("flash-sale") with { Nodes = [node.Address] }, TestContext.Current.CancellationToken)).Error?.Code);
        Assert.Equal("bad_parameter", (await runner.BeginAsync(_shop.Wish("flash-sale", ("buyers", 0)), TestContext.Current.CancellationToken)).Error?.Code);
    }

    [Fact]
    public async Task An_admin_starts_a_drill_looks_on_and_stops_it()
    {
        var admin = await _shop.OpenAsAdminAsync("/admin/drills");
        await admin.SubmitAsync("Run Flash sale", ("flash-sale.buyers", "many"));
        Assert.Contains("whole number from 1 to 5000", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Run Payment outage", ("payment-outage.orders", "2"));
        Assert.Contains("Under way", admin.Text, StringComparison.Ordinal);
        var page = admin.Uri.AbsolutePath;
        await admin.SubmitAsync("Stop it");
        for (var wait = 0; wait < 200 && admin.Text.Contains("Under way", StringComparison.Ordinal); wait++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            await admin.OpenAsync(page);
        }
        Assert.Contains("It was stopped.", admin.Text, StringComparison.Ordinal);
        Assert.Equal("", await _shop.LeftoversAsync());
        await admin.OpenAsync("/admin/drills?status=stopped");
        Assert.Contains("Payment outage", admin.Document.QuerySelector("tbody")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_without_the_right_only_looks()
    {
        await using var strict = await DrillGround.StartAsync(database, "--Drills:Staff:0=grace");
        var admin = await strict.OpenAsAdminAsync("/admin/drills");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
        Assert.Null(admin.Document.QuerySelector("main form[method=post]"));
        // Not by the button alone: a form of one's own making is refused too.
        var token = admin.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var forged = new HttpRequestMessage(HttpMethod.Post, new Uri(strict.BaseAddress, "/admin/drills"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["drill"] = "flash-sale", ["flash-sale.buyers"] = "5", ["flash-sale.stock"] = "5", ["__RequestVerificationToken"] = token }),
        };
        using var answer = await admin.SendAsideAsync(forged);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(0L, await strict.SqlAsync("SELECT count(*) FROM drills"));
    }

    private async Task LeftoversAsync()
    {
        await using var scope = _shop.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DrillLeftoversJob>().RunAsync(new NoArgs(), TestContext.Current.CancellationToken);
    }
}
