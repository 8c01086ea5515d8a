using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Retail.Tests.Observability;

public sealed partial class LogLineTests
{
    private static readonly string[] Keys = ["timestamp", "level", "logger", "message", "request_id", "extra"];

    [Fact]
    public async Task A_request_is_one_line_with_exactly_the_six_keys()
    {
        await using var host = await SmallHost.StartAsync(app => app.MapGet("/hello/{name}", (string name) => name));
        using var answer = await host.GetAsync("/hello/ann?email=ann@example.com");
        var (text, lines) = await host.StopAndReadAsync();
        Assert.All(lines, line => Assert.Equal(Keys, line.EnumerateObject().Select(p => p.Name)));
        var request = Assert.Single(lines, IsRequest);
        Assert.Equal("INFO", request.GetProperty("level").GetString());
        Assert.Equal("event=http.request", request.GetProperty("message").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", request.GetProperty("timestamp").GetString());
        Assert.Equal(["method", "path", "status", "duration_ms", "user_id"], request.GetProperty("extra").EnumerateObject().Select(p => p.Name));
        Assert.Equal("/hello/ann", request.GetProperty("extra").GetProperty("path").GetString());
        Assert.Equal(200, request.GetProperty("extra").GetProperty("status").GetInt32());
        Assert.DoesNotContain("ann@example.com", text, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.GetProperty("request_id").ValueKind == JsonValueKind.Null);   // the host's own lines
    }

    [Fact]
    public async Task The_answered_id_is_on_every_line_that_the_request_causes()
    {
        await using var host = await SmallHost.StartAsync(app => app.MapGet("/", async (ILogger<LogLineTests> logger) =>
        {
            Before(logger);
            await Task.Yield();
            await Task.Run(() => Elsewhere(logger, 7));
        }));
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await host.GetAsync("/");
            ids.Add(answer.Headers.GetValues("X-Request-ID").Single());
        }
        var (_, lines) = await host.StopAndReadAsync();
        Assert.Equal(3, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(3, lines.Count(line => line.GetProperty("request_id").GetString() == id)));
        var elsewhere = lines.First(line => line.GetProperty("message").GetString() == "Elsewhere 7");
        Assert.Equal(7, elsewhere.GetProperty("extra").GetProperty("order_number").GetInt32());
    }

    [Theory]
    [InlineData("0199d3f0-0000-7000-8000-0123456789AB", true)]
    [InlineData("no-uuid", false)]
    [InlineData("0199d3f0-0000-7000-8000-0123456789ab\t{\"level\":\"ERROR\"}", false)]
    public async Task A_callers_id_is_taken_only_when_it_is_a_uuid(string sent, bool taken)
    {
        await using var host = await SmallHost.StartAsync(app => app.MapGet("/", () => "ok"));
        using var answer = await host.SendAsync(HttpMethod.Get, "/", ("X-Request-ID", sent));
        var id = answer.Headers.GetValues("X-Request-ID").Single();
        Assert.True(Guid.TryParseExact(id, "D", out _));
        Assert.Equal(taken, id.Equals(sent, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Refusals_are_warnings_and_failures_are_errors_with_id_and_headers()
    {
        await using var host = await SmallHost.StartAsync(app =>
        {
            app.MapGet("/boom", string () => throw new InvalidOperationException("it broke"));
            app.MapGet("/health", () => "ok");
        });
        using var missing = await host.GetAsync("/nothing");
        using var boom = await host.GetAsync("/boom");
        using var health = await host.GetAsync("/health");
        var (_, lines) = await host.StopAndReadAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, boom.StatusCode);
        Assert.Contains(boom.Headers.GetValues("X-Request-ID").Single(), await boom.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(boom.Headers.Contains("X-Frame-Options"));
        var requests = lines.Where(IsRequest).ToList();
        Assert.Equal(["WARNING", "ERROR"], requests.Select(line => line.GetProperty("level").GetString()));   // the probe is DEBUG
        Assert.Contains("it broke", requests[1].GetProperty("extra").GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Planted_secrets_and_card_numbers_leave_nowhere()
    {
        var order = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using var host = await SmallHost.StartAsync(app => app.MapGet("/{**rest}", (ILogger<LogLineTests> logger) =>
        {
            Planted(logger, new InvalidOperationException("card 4000-0000-0000-0002 of postgresql://shop:hunter2@db/retail"),
                "hunter2", "paid with 4242 4242 4242 4242", 4242424242424242, "Authorization: Bearer hunter2", "{\"password\":\"hunter2 and more\"}", order);
        }));
        using var answer = await host.GetAsync("/pay/4242424242424242");
        var (text, lines) = await host.StopAndReadAsync();
        Assert.Contains(order.ToString(), text, StringComparison.Ordinal);
        Assert.Contains("***", text, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.GetProperty("message").GetString()!.StartsWith("Planted", StringComparison.Ordinal));
        foreach (var secret in (string[])["hunter2", "and more", "4242424242424242", "4242 4242", "4000-0000"])
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    private static bool IsRequest(JsonElement line) => line.GetProperty("logger").GetString() == "retail.observability";

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Before")]
    private static partial void Before(ILogger logger);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Elsewhere {OrderNumber}")]
    private static partial void Elsewhere(ILogger logger, int orderNumber);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Planted {Password} {Note} {Number} {Header} {Body} {OrderId}")]
    private static partial void Planted(ILogger logger, Exception ex, string password, string note, long number, string header, string body, Guid orderId);
}
