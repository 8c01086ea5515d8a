using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Partners;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>A partner's program: sends a feed, and asks what became of it. The worker runs in the same process.</summary>
public sealed class PartnerApiTests(TestDatabase database) : IAsyncLifetime
{
    private const string Upload = "/api/partner/upload-feed/";

    private Shop _shop = null!;
    private HttpClient _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database, worker: true, "--Metrics:FlushEvery=00:00:00.050", "--Partners:MaxFileBytes=3000000", "--Partners:UploadsPerMinute=12", "--Partners:WrongKeysPerMinute=8");
        _client = new HttpClient { BaseAddress = _shop.BaseAddress };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task A_feed_is_taken_at_once_and_its_run_tells_what_became_of_it()
    {
        var (partner, key) = await PartnerAsync("ACME");
        var feed = "id,title,price,description\n1,Feed cup,5,\"<p>Made of <b>clay</b></p><script>alert(1)</script>\"\n2,,5,\n3,Feed jug,7.50 USD,\n";
        using var answer = await SendAsync(key, new StringContent(feed));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var taken = await JsonAsync(answer);
        Assert.False(taken.GetProperty("replayed").GetBoolean());
        Assert.Equal(answer.Headers.Location!.ToString(), taken.GetProperty("address").GetString());

        var run = await UntilOverAsync(key, taken);
        Assert.Equal("done 3 2 1 2", $"{run.GetProperty("status")} {run.GetProperty("rows")} {run.GetProperty("accepted")} {run.GetProperty("rejected")} {run.GetProperty("new")}");
        var report = await JsonAsync(await GetAsync(key, run.GetProperty("report").GetString()!));
        Assert.Equal("3 rejected MISSING_FIELD title", report.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("line")} {i.GetProperty("outcome")} {i.GetProperty("code")} {i.GetProperty("field")}").Single());
        using var csv = await GetAsync(key, run.GetProperty("reportCsv").GetString()!);
        Assert.Equal("line,id,outcome,code,field,message\r\n3,2,rejected,MISSING_FIELD,title,The title is missing.\r\n", await csv.Content.ReadAsStringAsync(Ct));

        // Shoppers see the goods, the description as HTML without its script, and plain text where text is wanted.
        var browser = await _shop.OpenAsync("/products/feed-cup");
        while (browser.Status != HttpStatusCode.OK) await browser.OpenAsync("/products/feed-cup");
        var details = browser.Document.QuerySelector(".details .rich")!;
        Assert.Equal("<p>Made of <b>clay</b></p>", details.InnerHtml.Trim());
        Assert.Equal("Made of clay", browser.Document.QuerySelector("meta[name=description]")!.GetAttribute("content"));

        // The same again, as a form this time: the run that is there.
        using var form = new MultipartFormDataContent { { new StringContent("x"), "note" }, { new StringContent(feed), "file", "feed.csv" } };
        var replayed = await JsonAsync(await SendAsync(key, form));
        Assert.Equal((true, taken.GetProperty("run").GetGuid()), (replayed.GetProperty("replayed").GetBoolean(), replayed.GetProperty("run").GetGuid()));
        var dry = await UntilOverAsync(key, await JsonAsync(await SendAsync(key, new StringContent(feed.Replace("7.50", "8.50", StringComparison.Ordinal)), "?dry_run=true")));
        Assert.True(dry.GetProperty("dryRun").GetBoolean());
        Assert.Equal("7.50", await _shop.SqlAsync($"SELECT price_amount::text FROM variants v JOIN products p ON p.id = v.product_id WHERE p.name = 'Feed jug' AND p.partner_id = '{partner}'"));

        var (_, other) = await PartnerAsync("OTHER");
        foreach (var path in (string[])[taken.GetProperty("address").GetString()!, run.GetProperty("report").GetString()!, run.GetProperty("reportCsv").GetString()!])
        {
            using var foreign = await GetAsync(other, path);
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        }
        Assert.Equal(0, (await JsonAsync(await GetAsync(other, "/api/partner/feed-runs"))).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Without_a_key_that_works_nothing_is_taken_and_each_try_is_counted()
    {
        var (partner, key) = await PartnerAsync("ACME");
        foreach (var wrong in (string?[])[null, "", "rpk_wrong", key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), key.ToUpperInvariant()])
        {
            using var answer = await SendAsync(wrong, new StringContent("id,title,price\n1,Cup,5\n"));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("partner_key_invalid", (await JsonAsync(answer)).GetProperty("code").GetString());
        }
        var keys = _shop.Services.CreateScope().ServiceProvider.GetRequiredService<PartnerKeys>();
        var next = (await keys.MakeAsync(partner, TimeSpan.FromDays(1), Ct)).Value;
        // Both work for a day; then the old one is taken away.
        foreach (var works in (string[])[key, next]) Assert.Equal(HttpStatusCode.OK, (await GetAsync(works, "/api/partner/feed-runs")).StatusCode);
        var old = (Guid)(await _shop.SqlAsync("SELECT id FROM partner_keys WHERE expires_at IS NOT NULL"))!;
        Assert.True((await keys.RevokeAsync(partner, old, Ct)).Ok);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(key, "/api/partner/feed-runs")).StatusCode);
        await keys.MakeAsync(partner, TimeSpan.Zero, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(next, "/api/partner/feed-runs")).StatusCode);
        Assert.Equal(0L, await _shop.SqlAsync("SELECT (SELECT count(*) FROM feed_contents) + (SELECT count(*) FROM feed_runs)"));
        while (await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'feed_auth_rejected'") is < 7L) await Task.Delay(20, Ct);
        // Whoever tries on is told to wait.
        HttpResponseMessage last;
        do last = await GetAsync("rpk_guess" + new string('x', 30), "/api/partner/feed-runs"); while (last.StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.True(last.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        // The database has no key that anybody could use.
        Assert.Equal(0L, await _shop.SqlAsync($"SELECT count(*) FROM partner_keys WHERE hash = '{key}' OR position(prefix in '{key}') = 1 AND length(prefix) > 12"));
    }

    [Fact]
    public async Task What_is_too_large_empty_or_too_often_is_refused_in_words()
    {
        var (partner, key) = await PartnerAsync("ACME");
        using var large = await SendAsync(key, new StringContent("id,title,price\n" + new string('x', 3_200_000)));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "feed_too_large"), (large.StatusCode, (await JsonAsync(large)).GetProperty("code").GetString()));
        // Without a length it is found out while it streams.
        using var endless = await SendAsync(key, new StreamContent(new MemoryStream(new byte[3_200_000])) { Headers = { ContentLength = null } }, "", chunked: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, endless.StatusCode);
        using var empty = await SendAsync(key, new StringContent(""));
        Assert.Equal((HttpStatusCode.BadRequest, "feed_empty"), (empty.StatusCode, (await JsonAsync(empty)).GetProperty("code").GetString()));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT (SELECT count(*) FROM feed_contents) + (SELECT count(*) FROM feed_chunks)"));
        await _shop.SqlAsync($"UPDATE partners SET is_active = false WHERE id = '{partner}'");
        using var off = await SendAsync(key, new StringContent("id,title,price\n1,Cup,5\n"));
        Assert.Equal((HttpStatusCode.Forbidden, "partner_not_active"), (off.StatusCode, (await JsonAsync(off)).GetProperty("code").GetString()));
        await _shop.SqlAsync($"UPDATE partners SET is_active = true WHERE id = '{partner}'");
        HttpResponseMessage last;
        var i = 0;
        do last = await SendAsync(key, new StringContent($"id,title,price\n1,Cup,{++i}\n"), "?dry_run=true"); while (last.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.True(last.Headers.RetryAfter?.Delta > TimeSpan.Zero && i <= 13);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing_behind()
    {
        var (_, key) = await PartnerAsync("ACME");
        using var body = new StreamContent(new DripStream());
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(key, body, "", chunked: true));
        while (await _shop.SqlAsync("SELECT (SELECT count(*) FROM feed_contents) + (SELECT count(*) FROM feed_chunks)") is > 0L) await Task.Delay(20, Ct);
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM feed_runs"));
    }

    private async Task<(Guid Id, string Key)> PartnerAsync(string code)
    {
        await _shop.SqlAsync("INSERT INTO categories (id, slug, name, description, position) VALUES (gen_random_uuid(), 'goods', 'Goods', '', 9) ON CONFLICT DO NOTHING");
        var partner = await FeedHost.PartnerAsync(_shop.Services, code);
        await using var scope = _shop.Services.CreateAsyncScope();
        return (partner, (await scope.ServiceProvider.GetRequiredService<PartnerKeys>().MakeAsync(partner, TimeSpan.Zero, Ct)).Value);
    }

    private async Task<HttpResponseMessage> SendAsync(string? key, HttpContent content, string query = "", bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Upload + query) { Content = content };
        if (chunked) request.Headers.TransferEncodingChunked = true;
        if (key is not null) request.Headers.TryAddWithoutValidation("X-API-Key", key);
        return await _client.SendAsync(request, Ct);
    }

    private async Task<HttpResponseMessage> GetAsync(string key, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        return await _client.SendAsync(request, Ct);
    }

    private async Task<JsonElement> UntilOverAsync(string key, JsonElement taken)
    {
        while (true)
        {
            var run = await JsonAsync(await GetAsync(key, taken.GetProperty("address").GetString()!));
            if (run.GetProperty("over").GetBoolean()) return run;
            await Task.Delay(50, Ct);
        }
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).Clone();

    /// <summary>Gives some of a file and then breaks off.</summary>
    private sealed class DripStream() : MemoryStream(Encoding.UTF8.GetBytes(new string('x', 2_500_000)))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // As fast as a line that is about to go down.
            await Task.Delay(1, cancellationToken);
            return Position < 2_000_000 ? await base.ReadAsync(buffer, cancellationToken) : throw new IOException("broken off");
        }
    }
}
