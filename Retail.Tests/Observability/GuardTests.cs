using System.Net;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Retail.Tests.Observability;

public sealed class GuardTests
{
    [Theory]
    [InlineData("POST", "same-origin", null, 200)]
    [InlineData("POST", "none", null, 200)]
    [InlineData("POST", "cross-site", null, 403)]
    [InlineData("POST", "same-site", null, 403)]
    [InlineData("POST", "same-origin, cross-site", null, 403)]
    [InlineData("DELETE", "cross-site", null, 403)]
    [InlineData("GET", "cross-site", "https://evil.example", 200)]
    [InlineData("HEAD", "cross-site", null, 200)]
    [InlineData("POST", null, null, 200)]                                // no browser
    [InlineData("POST", null, "http://shop.example", 200)]
    [InlineData("POST", null, "https://shop.example", 200)]              // TLS ended in front of us
    [InlineData("POST", null, "https://shop.example.evil.example", 403)]
    [InlineData("POST", null, "https://shop.example:8443", 403)]
    [InlineData("POST", null, "null", 403)]
    [InlineData("POST", "same-origin", "https://evil.example", 200)]     // the browser's word, which a page can't forge
    [InlineData("POST", "cross-site", "http://shop.example", 403)]
    public async Task Unsafe_requests_of_another_origin_are_refused(string method, string? site, string? origin, int expected)
    {
        await using var host = await SmallHost.StartAsync(app => app.Map("/{**rest}", () => "ok"));
        var headers = new List<(string, string)> { ("Host", "shop.example") };
        if (site is not null) headers.Add(("Sec-Fetch-Site", site));
        if (origin is not null) headers.Add(("Origin", origin));
        using var answer = await host.SendAsync(new HttpMethod(method), "/cart", [.. headers]);
        Assert.Equal((HttpStatusCode)expected, answer.StatusCode);
        if (expected == 403)
            Assert.StartsWith("This form was sent from another site", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/simulator/v1/charges", HttpStatusCode.OK)]
    [InlineData("/simulator2", HttpStatusCode.Forbidden)]
    public async Task Only_paths_below_an_exempt_one_are_exempt(string path, HttpStatusCode expected)
    {
        await using var host = await SmallHost.StartAsync(app => app.Map("/{**rest}", () => "ok"));
        using var answer = await host.SendAsync(HttpMethod.Post, path, ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        await using var host = await SmallHost.StartAsync(app => app.MapGet("/", () => "ok"), environment: "Production");
        foreach (var path in (string[])["/", "/missing"])
        {
            using var answer = await host.GetAsync(path);
            string Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : "";
            Assert.Equal(
                "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
                Header("Content-Security-Policy"));
            Assert.Equal("nosniff", Header("X-Content-Type-Options"));
            Assert.Equal("DENY", Header("X-Frame-Options"));
            Assert.Equal("strict-origin-when-cross-origin", Header("Referrer-Policy"));
            Assert.Contains("camera=()", Header("Permissions-Policy"), StringComparison.Ordinal);
            Assert.Equal("", Header("Strict-Transport-Security"));   // plain HTTP must not promise TLS
        }
    }

    [Theory]
    [InlineData("Production", true)]
    [InlineData("Development", false)]
    public async Task Https_in_production_alone_promises_to_stay_https(string environment, bool promised)
    {
        await using var host = await SmallHost.StartAsync(
            app => app.MapGet("/", (Microsoft.AspNetCore.Http.HttpContext context) => { context.Request.Scheme = "https"; return "ok"; }),
            environment: environment);
        using var answer = await host.GetAsync("/");
        Assert.Equal(promised, answer.Headers.Contains("Strict-Transport-Security"));
    }
}
