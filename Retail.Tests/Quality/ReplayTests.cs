using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Quality.Replay;
using Retail.Tests.Commands;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>What strangers asked is asked again, and what is answered otherwise is found.</summary>
public sealed class ReplayTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Recorded_requests_are_answered_alike_until_something_changes()
    {
        using var stranger = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = System.Net.DecompressionMethods.Brotli }) { BaseAddress = _shop.BaseAddress };
        foreach (var path in (string[])["/", "/products/", "/api/products/", "/products/nothing-of-this-name", "/admin/", "/account/reset?id=1&token=s3cret"])
            using (await stranger.GetAsync(path, TestContext.Current.CancellationToken)) { }
        // Somebody who has a cart, a session or an order is not recorded.
        foreach (var cookie in (string[])["retail-cart=0123456789abcdef0123456789abcdef.2", "retail-session=abc", "retail-orders=abc"])
        {
            using var known = new HttpRequestMessage(HttpMethod.Get, "/cart") { Headers = { { "Cookie", cookie } } };
            using (await stranger.SendAsync(known, TestContext.Current.CancellationToken)) { }
        }
        for (var tries = 0; (long)(await _shop.SqlAsync("SELECT count(*) FROM recorded_requests"))! < 6 && tries < 150; tries++) await Task.Delay(100, TestContext.Current.CancellationToken);

        Assert.Equal(6L, await _shop.SqlAsync("SELECT count(*) FROM recorded_requests"));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM recorded_requests WHERE target LIKE '%s3cret%' OR route LIKE '%cart%'"));
        Assert.Contains("$.items[].", (string)(await _shop.SqlAsync("SELECT shape FROM recorded_requests WHERE target = '/api/products/'"))!, StringComparison.Ordinal);

        var again = await ReplayAsync(stranger);
        Assert.Equal(5, again.Count);   // the one with a masked secret can't be sent again
        Assert.All(again, r => Assert.True(r.Differences.Count == 0, $"{r.Request.Target}: {string.Join("; ", r.Differences)}"));
        var typed = await RetailCommand.RunAsync(_shop.ConnectionString, "", "replay-requests", "--url", _shop.BaseAddress.ToString());
        Assert.Equal((0, "5 requests sent again, 0 answered differently, 1 left out because a secret in them is masked.\n"), (typed.ExitCode, typed.Output));
        Assert.Equal((1, "--last is from 1 to 10000."), ((typed = await RetailCommand.RunAsync(_shop.ConnectionString, "", "replay-requests", "--last", "0")).ExitCode, typed.Errors.Trim()));

        await _shop.SqlAsync("UPDATE recorded_requests SET shape = shape || E'\\n$.items[].colour:string' WHERE target = '/api/products/'");
        await _shop.SqlAsync("UPDATE recorded_requests SET status = 200 WHERE target = '/admin/'");
        var different = (await ReplayAsync(stranger)).Where(r => r.Differences.Count > 0).ToDictionary(r => r.Request.Target, r => r.Differences[0]);
        Assert.Equal(["/admin/", "/api/products/"], different.Keys.Order());
        Assert.Equal("without $.items[].colour:string", different["/api/products/"]);
        Assert.StartsWith("answered 302, was 200", different["/admin/"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":1,"list":[{"b":"x"}]}""", """{"a":2,"list":[{"b":"y"},{"b":"z"}]}""", "")]
    [InlineData("""{"a":1,"list":[]}""", """{"a":2,"list":[{"b":"y"}]}""", "")]
    [InlineData("""{"a":1}""", """{"a":null}""", "")]
    [InlineData("""{"a":1}""", """{"a":"1"}""", "without $.a:number, with $.a:string")]
    [InlineData("""{"a":1}""", """{"a":1,"c":true}""", "with $.c:bool")]
    [InlineData("""{"a":1}""", """{"a":1""", "without $.a:number, without $:object, with not json:broken")]
    public void Shapes_differ_in_names_and_types_not_in_values(string before, string after, string differences) =>
        Assert.Equal(differences, string.Join(", ", ResponseShape.Differences(Shape(before), Shape(after))));

    private static string Shape(string json) => ResponseShape.Of("application/json", Encoding.UTF8.GetBytes(json));

    private async Task<IReadOnlyList<ReplayedRequest>> ReplayAsync(HttpClient client)
    {
        await using var scope = _shop.Services.CreateAsyncScope();
        var replay = scope.ServiceProvider.GetRequiredService<RequestReplay>();
        return await replay.RunAsync(await replay.RecordedAsync(100, TestContext.Current.CancellationToken), client, TestContext.Current.CancellationToken);
    }
}
