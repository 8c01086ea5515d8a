using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Retail.Core.Common;
using Retail.Core.Data.Jobs;
using Retail.Core.Partners;
using Retail.Core.Partners.Pull;
using Retail.Core.Partners.Runs;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>Feeds that are fetched: from an address, from a folder, on schedule, and from nowhere that is private.</summary>
public sealed class PullTests(TestDatabase database) : IAsyncLifetime
{
    private const string Feed = "id,title,price,image_link\n1,Cup,5,\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("retail-feeds-").FullName;
    private readonly ConcurrentQueue<string> _asked = [];
    private WebApplication _source = null!;
    private FeedHost _shop = null!;
    private string _feed = Feed;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Address => _source.Urls.First();

    public async ValueTask InitializeAsync()
    {
        _shop = await FeedHost.StartAsync(database, ("Partners:AllowPrivateAddresses", "true"), ("Partners:Folder", _folder), ("Partners:MaxFileBytes", "100000"), ("Partners:PullTimeout", "00:00:02"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _source = builder.Build();
        _source.Urls.Add("http://127.0.0.1:0");
        _source.MapGet("/feed.csv", (HttpRequest request) =>
        {
            var tag = $"\"{_feed.Length}\"";
            _asked.Enqueue(request.Headers.IfNoneMatch.ToString());
            return request.Headers.IfNoneMatch == tag ? Results.StatusCode(304) : Results.Bytes(Encoding.UTF8.GetBytes(_feed), "text/csv", entityTag: new(tag));
        });
        _source.MapGet("/moved", () => Results.Redirect("/feed.csv"));
        _source.MapGet("/large", () => Results.Bytes(new byte[200_000]));
        _source.MapGet("/endless", async (HttpResponse answer) =>
        {
            for (var i = 0; i < 1000; i++) await answer.Body.WriteAsync(new byte[1000]);
        });
        _source.MapGet("/slow", async (HttpContext context) => await Task.Delay(60_000, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        _source.MapGet("/gone", () => Results.StatusCode(410));
        byte[] png = [0x89, .. "PNG\r\n\u001a\n"u8, 1, 2, 3];
        _source.MapGet("/cup.png", () => Results.Bytes(png, "text/plain"));
        _source.MapGet("/cup.html", () => Results.Bytes("<html>"u8.ToArray(), "image/png"));
        await _source.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        await _source.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_address_is_asked_with_the_tag_of_last_time_and_a_new_feed_makes_a_run()
    {
        var partner = await _shop.PartnerAsync("URL", change: p => p with { Source = Address + "/moved", SafetyPercent = 100 });
        var first = await PullAsync(partner);
        Assert.False(first.Value!.IsReplay);
        await _shop.WorkAsync(partner);
        Assert.Equal("URL-1 Cup 5.00 x10", await _shop.GoodsAsync(partner));
        Assert.Null((await PullAsync(partner)).Value);
        Assert.Equal("Nothing new.", await _shop.SqlAsync("SELECT pull_note FROM partners"));
        _feed += "2,Jug,6,\n";
        Assert.NotNull((await PullAsync(partner)).Value);
        await _shop.WorkAsync(partner);
        Assert.Equal("URL-1 Cup 5.00 x10, URL-2 Jug 6.00 x10", await _shop.GoodsAsync(partner));
        Assert.Equal(["", $"\"{Feed.Length}\"", $"\"{Feed.Length}\""], _asked);
        // When something else is agreed on, the same file is fetched and read anew.
        await _shop.AgreeAsync(partner, "price_rule_mark_up_percent = 100");
        Assert.False((await PullAsync(partner)).Value!.IsReplay);
        await _shop.WorkAsync(partner);
        Assert.Equal("URL-1 Cup 10.00 x10, URL-2 Jug 12.00 x10", await _shop.GoodsAsync(partner));
        Assert.Equal("Address 127.0.0.1", await _shop.SqlAsync("SELECT DISTINCT origin || ' ' || asked_by FROM feed_runs"));
    }

    [Theory]
    [InlineData("/gone", "The source answers 410.")]
    [InlineData("/large", "larger than")]
    [InlineData("/endless", "larger than")]
    [InlineData("/slow", "took longer than 00:00:02")]
    public async Task A_source_that_fails_is_told_and_makes_no_run(string path, string reason)
    {
        var partner = await _shop.PartnerAsync("BAD", change: p => p with { Source = Address + path });
        var pulled = await PullAsync(partner);
        Assert.Contains(reason, pulled.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(pulled.Error.Message, await _shop.SqlAsync("SELECT pull_note FROM partners"));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT (SELECT count(*) FROM feed_runs) + (SELECT count(*) FROM feed_contents)"));
    }

    [Fact]
    public async Task The_newest_file_of_a_folder_is_taken_once_and_none_that_is_still_written()
    {
        var own = Directory.CreateDirectory(Path.Combine(_folder, "acme")).FullName;
        var partner = await _shop.PartnerAsync("DIR", change: p => p with { Source = "acme" });
        Assert.Null((await PullAsync(partner)).Value);
        async Task HasAsync(string name, string text, int secondsAgo)
        {
            await File.WriteAllTextAsync(Path.Combine(own, name), text, Ct);
            File.SetLastWriteTimeUtc(Path.Combine(own, name), (TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(secondsAgo)).UtcDateTime);
        }
        await HasAsync("old.csv", "id,title,price\n1,Old,1\n", 100);
        await HasAsync("new.csv", Feed, 50);
        await HasAsync("later.csv.part", "id,title\n", 40);
        await HasAsync(".hidden", "id,title\n", 40);
        await HasAsync("now.csv", "id,title\n", -5);
        File.CreateSymbolicLink(Path.Combine(own, "zlink.csv"), "/etc/passwd");
        Assert.NotNull((await PullAsync(partner)).Value);
        await _shop.WorkAsync(partner);
        Assert.Equal("DIR-1 Cup 5.00 x10", await _shop.GoodsAsync(partner));
        Assert.Null((await PullAsync(partner)).Value);
        Assert.Equal("Folder new.csv", await _shop.SqlAsync("SELECT string_agg(origin || ' ' || asked_by, ',') FROM feed_runs"));
    }

    [Fact]
    public async Task Who_is_due_is_fetched_once_an_hour_and_whoever_is_off_is_not()
    {
        var hourly = await _shop.PartnerAsync("HOUR", change: p => p with { Source = Address + "/feed.csv", Schedule = FeedSchedule.Hourly });
        var off = await _shop.PartnerAsync("OFF", change: p => p with { Source = Address + "/feed.csv", Schedule = FeedSchedule.Daily, IsActive = false });
        await _shop.PartnerAsync("HAND", change: p => p with { Source = Address + "/feed.csv" });
        Assert.Equal([hourly], await DueAsync());
        await PullAsync(hourly);
        Assert.Equal([], await DueAsync());
        Assert.Equal(true, await _shop.SqlAsync($"SELECT next_pull_at BETWEEN now() + interval '59 minutes' AND now() + interval '61 minutes' FROM partners WHERE id = '{hourly}'"));
        await _shop.SqlAsync("UPDATE partners SET next_pull_at = now() - interval '1 minute' WHERE next_pull_at IS NOT NULL");
        Assert.Equal([hourly], await DueAsync());
        Assert.Equal("partner_not_active", (await PullAsync(off)).Error!.Code);
    }

    [Fact]
    public async Task Pictures_of_a_feed_are_fetched_and_shown_and_a_bad_one_stays_away()
    {
        var partner = await _shop.PartnerAsync("PIC");
        await _shop.FeedAsync(partner, $"id,title,price,image_link,additional_image_link\n1,Cup,5,{Address}/cup.png,\"{Address}/cup.html,{Address}/gone\"\n");
        await using (var scope = _shop.Core.Services.CreateAsyncScope()) await scope.ServiceProvider.GetRequiredService<FetchPicturesJob>().RunAsync(new NoArgs(), Ct);
        Assert.Equal("Cup image/png true", await _shop.SqlAsync("""
            SELECT string_agg(concat_ws(' ', i.alt, c.content_type, (SELECT v.picture_id = i.id FROM variants v WHERE v.product_id = i.product_id)::text), ',') FROM product_pictures i JOIN picture_contents c ON c.hash = i.hash
            """));
        Assert.Equal("|It is no WebP, AVIF, JPEG or PNG picture.|The source answers 410.", await _shop.SqlAsync("SELECT string_agg(coalesce(error, ''), '|' ORDER BY position) FROM partner_pictures"));
        // A feed without them takes them away.
        await _shop.FeedAsync(partner, "id,title,price\n1,Cup,5\n");
        Assert.Equal(0L, await _shop.SqlAsync("SELECT (SELECT count(*) FROM product_pictures) + (SELECT count(*) FROM partner_pictures)"));
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2606:4700:4700::1111", true)]
    public void Only_public_addresses_are_asked(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://127.0.0.1:{0}/feed.csv")]
    [InlineData("http://localhost:{0}/feed.csv")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/feed.csv")]
    [InlineData("http://2130706433:{0}/feed.csv")]
    public async Task This_machine_is_not_asked_unless_it_is_allowed_whatever_it_is_called(string address)
    {
        await using var careful = await FeedHost.StartAsync(database);
        var partner = await careful.PartnerAsync("SSRF", change: p => p with { Source = address.Replace("{0}", $"{new Uri(Address).Port}", StringComparison.Ordinal) });
        await using var scope = careful.Core.Services.CreateAsyncScope();
        var pulled = await scope.ServiceProvider.GetRequiredService<FeedPull>().PullAsync(partner, Ct);
        Assert.Contains("leads to a private address", pulled.Error!.Message, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    private async Task<ServiceResult<FeedReceipt?>> PullAsync(Guid partner)
    {
        await using var scope = _shop.Core.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FeedPull>().PullAsync(partner, Ct);
    }

    private async Task<List<Guid>> DueAsync()
    {
        var queue = new NotedQueue();
        await using var scope = _shop.Core.Services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<PullFeedsJob>(scope.ServiceProvider, queue).RunAsync(new NoArgs(), Ct);
        return queue.Pulls;
    }

    private sealed class NotedQueue : IJobQueue
    {
        public List<Guid> Pulls { get; } = [];

        public Task EnqueueAsync<TArgs>(string job, string key, TArgs args, CancellationToken ct)
        {
            if (job == PullFeedJob.Name) Pulls.Add(Guid.Parse(key));
            return Task.CompletedTask;
        }
    }
}
