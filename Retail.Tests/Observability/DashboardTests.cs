using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Rollups;
using Retail.Core.Quality.Measures;
using Retail.Tests.Admin;
using Retail.Tests.Api;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>The dashboard and the metrics API: what shoppers did, in numbers that can be recounted.</summary>
public sealed class DashboardTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Cards_and_charts_tell_what_happened_and_leave_drills_out()
    {
        await _shop.HasPastAsync();
        var shopper = await _shop.AtCheckoutAsync();
        await shopper.PlaceOrderAsync();
        await shopper.OpenAsync("/products/the-quiet-harbour");
        await shopper.SubmitAsync("Add to cart");
        await shopper.OpenAsync("/checkout");
        await shopper.PlaceOrderAsync(Buying.DeclinedCard);
        await shopper.OpenAsync("/no-such-page");
        var lost = shopper.Answer!.Headers.GetValues("X-Request-ID").Single();
        await _shop.RollUpAsync();

        var admin = await _shop.OpenAsAdminAsync("/metrics/dashboard/");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
        var cards = admin.Document.QuerySelectorAll(".figures .stat").ToDictionary(c => c.QuerySelector(".name")!.TextContent, c => Words(c.TextContent));
        Assert.StartsWith("Orders today 2 1 by this time a week ago \u2191 100\u202f% more", cards["Orders today"], StringComparison.Ordinal);
        Assert.Contains("1 of 2 payments", cards["Payment success"], StringComparison.Ordinal);
        Assert.StartsWith("Payment success 50\u202f%", cards["Payment success"], StringComparison.Ordinal);
        Assert.Contains("p50", cards["Response time, p95"], StringComparison.Ordinal);
        Assert.Equal(["Database", "Worker", "Payment gateway", "Queue", "Disk", "These figures"], admin.Document.QuerySelectorAll(".parts .name").Select(n => n.TextContent));
        // Nobody runs the worker here, and the page says so.
        Assert.Contains("Worker missing: no heart has beaten", admin.Text, StringComparison.Ordinal);
        foreach (var chart in admin.Document.QuerySelectorAll("figure.chart"))
        {
            Assert.True(chart.QuerySelectorAll("tbody tr").Length >= 7);
            Assert.NotEmpty(chart.QuerySelector("figcaption p")!.TextContent);
            Assert.Matches("to |Nothing", chart.QuerySelector("svg[role=img] desc")!.TextContent);
        }
        Assert.Equal(["2"], admin.Document.QuerySelectorAll("#orders tbody tr:first-child td").Select(c => c.TextContent));
        Assert.Equal(2, admin.Document.QuerySelectorAll("#orders rect").Length);   // today and a week ago is eight days: yesterday's one
        var link = admin.Document.QuerySelectorAll("a").Single(a => a.TextContent == lost).GetAttribute("href")!;
        await admin.OpenAsync(link);
        Assert.Contains("event=http.request", admin.Text, StringComparison.Ordinal);
        Assert.Contains("/no-such-page", admin.Text, StringComparison.Ordinal);
        foreach (var days in (string[])["1", "30", "90", "0", "91", "x"])
        {
            await admin.OpenAsync("/metrics/dashboard/?days=" + days);
            Assert.Equal(HttpStatusCode.OK, admin.Status);
        }
    }

    [Fact]
    public async Task The_summary_is_json_for_admins_by_session_or_token()
    {
        await _shop.HasPastAsync();
        await _shop.RollUpAsync();
        using var stranger = new HttpClient { BaseAddress = _shop.BaseAddress };
        using (var refused = await stranger.GetAsync(new Uri("/metrics/api/?days=7", UriKind.Relative), Ct)) Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(stranger));
        var text = await stranger.GetStringAsync(new Uri("/metrics/api/?days=7", UriKind.Relative), Ct);
        var answer = JsonElement.Parse(text);
        Assert.Equal(7, answer.GetProperty("days").GetInt32());
        Assert.Equal(2, answer.GetProperty("period").GetProperty("orders").GetProperty("count").GetDouble());
        Assert.Equal(3, answer.GetProperty("before").GetProperty("orders").GetProperty("count").GetDouble());
        Assert.Equal(40, answer.GetProperty("period").GetProperty("requests").GetProperty("count").GetDouble());
        Assert.Equal(10, answer.GetProperty("period").GetProperty("requests").GetProperty("error_rate").GetDouble());
        var admin = await _shop.OpenAsAdminAsync("/metrics/api/?days=1");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
        foreach (var bad in (string[])["0", "91", "-1", "seven", "7.5", ""])
        {
            using var problem = await stranger.GetAsync(new Uri("/metrics/api/?days=" + bad, UriKind.Relative), Ct);
            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (problem.StatusCode, problem.Content.Headers.ContentType!.MediaType));
            Assert.Equal("days_out_of_range", JsonElement.Parse(await problem.Content.ReadAsStringAsync(Ct)).GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Customers_see_neither()
    {
        var customer = await _shop.OpenAsync("/account/register");
        await customer.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "ola@example.com"), ("Password", "longer than eight"));
        foreach (var path in (string[])["/metrics/api/?days=7", "/metrics/dashboard/"])
        {
            await customer.OpenAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, customer.Status);
        }
    }

    [Fact]
    public async Task Rows_can_be_read_at_the_old_address_and_filtered()
    {
        await _shop.HasPastAsync();
        var admin = await _shop.OpenAsAdminAsync("/admin/retail/metric/");
        Assert.Equal("/admin/metrics", admin.Uri.AbsolutePath);
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await admin.SubmitAsync("Search", ("type", "orders_per_day"), ("from", yesterday), ("to", yesterday));
        Assert.Equal(2, admin.Document.QuerySelectorAll("tbody tr").Length);
        await admin.SubmitAsync("Search", ("drills", "only"));
        Assert.Contains("drill_id", Assert.Single(admin.Document.QuerySelectorAll("tbody tr")).TextContent, StringComparison.Ordinal);
        await admin.SubmitAsync("Search", ("drills", "only"), ("q", "nowhere in it"));
        Assert.Contains("No row fits", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/metrics?from=2026-02-30&to=x&page=99&q=50%25_%5C");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
    }

    private static async Task<string> TokenAsync(HttpClient client)
    {
        using var answer = await client.PostAsync(new Uri("/api/auth/token", UriKind.Relative),
            new StringContent($$"""{"userName":"{{FirstStart.AdminName}}","password":"{{FirstStart.AdminPassword}}"}""", null, "application/json"), Ct);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(Ct)).GetProperty("accessToken").GetString()!;
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Rows of days gone by, and the roll-up as the worker runs it.</summary>
internal static class PastDays
{
    public static async Task HasPastAsync(this Shop shop)
    {
        var now = TimeProvider.System.GetUtcNow();
        var midnight = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        await RowAsync(shop, midnight.AddHours(-12), "orders_per_day", 2, """{"total":40}""");
        await RowAsync(shop, midnight.AddDays(-7), "orders_per_day", 1, """{"total":10}""");
        await RowAsync(shop, midnight.AddDays(-8), "orders_per_day", 2, """{"total":10}""");
        await RowAsync(shop, midnight.AddHours(-11), "orders_per_day", 100, """{"total":9999,"drill_id":"x"}""");
        await RowAsync(shop, midnight.AddHours(-12), "http_requests", 40, """{"route":"/","method":"GET","errors_4xx":3,"errors_5xx":1,"total_ms":80,"buckets":{"30":40}}""");
        await RowAsync(shop, midnight.AddHours(-12), "http_requests", 4000, """{"route":"/health","method":"GET","errors_4xx":0,"errors_5xx":0,"total_ms":80,"buckets":{"1":4000}}""");
    }

    /// <summary>What is summed for ten seconds is recorded now.</summary>
    public static void RecordAll(this Shop shop) => shop.Services.GetRequiredService<Retail.Core.Metrics.Sampling.MetricSampler>().RecordAll();

    public static async Task RollUpAsync(this Shop shop)
    {
        shop.RecordAll();
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);   // the recorder writes each second
        if (await shop.Services.GetRequiredService<MetricRollup>().RunAsync(TestContext.Current.CancellationToken) is { } from)
            await shop.Services.GetRequiredService<MetricRates>().RunAsync(from, TestContext.Current.CancellationToken);
    }

    private static async Task RowAsync(Shop shop, DateTimeOffset at, string type, double value, string metadata)
    {
        await using var connection = await shop.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        await MetricTable.EnsurePartitionAsync(connection, DateOnly.FromDateTime(at.UtcDateTime), TestContext.Current.CancellationToken);
        await shop.SqlAsync($"INSERT INTO metric (type, value, metadata, timestamp) VALUES ($1, $2, '{metadata}'::jsonb, $3)", type, value, at);
    }
}
