using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Partners.Runs;
using Retail.Tests.FlashSales;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>What the shop serves, the shop itself can take in: another shop is its partner.</summary>
public sealed class OwnFeedTests(TestDatabase database)
{
    [Theory]
    [InlineData("google-merchant.xml", "google-merchant")]
    [InlineData("google-merchant.tsv", "csv")]
    [InlineData("products.csv", "csv")]
    [InlineData("products.json", "json")]
    public async Task The_importer_takes_the_shops_own_feed_without_a_rejected_row(string file, string format)
    {
        await using var shop = await Shop.StartAsync(database, worker: false, "--Store:PublicUrl=https://shop.example.com");
        // Begun a while ago: a feed tells the start to the minute, so in a sale's first minute another shop may or may not count it.
        await shop.HasSaleAsync("glow", quantity: 5, startsIn: TimeSpan.FromMinutes(-2));
        await shop.SqlAsync("INSERT INTO product_pictures (id, product_id, position, alt, hash) SELECT gen_random_uuid(), p.id, 1, 'Glow', (SELECT hash FROM picture_contents LIMIT 1) FROM products p WHERE p.slug = 'glow'");
        await shop.SqlAsync("UPDATE products SET name = E'Tea, \"loose\" & fine\u2014<b>1</b>', description = E'One\\tline;\\n\\n\"another\"' WHERE slug = 'harbour-knit-beanie'");
        var model = shop.Services.GetRequiredService<CatalogModel>();
        while (model.Snapshot.Find("harbour-knit-beanie")?.Name[0] != 'T' || model.Snapshot.Find("glow")?.Pictures.Count != 1) await Task.Delay(20, TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = shop.BaseAddress };
        var feed = await client.GetByteArrayAsync($"/feeds/{file}", TestContext.Current.CancellationToken);
        var sold = (int)(long)(await shop.SqlAsync("SELECT count(*) FROM variants v JOIN products p ON p.id = v.product_id WHERE p.status = 'Published' AND v.retired_at IS NULL"))!;

        await using var partner = await FeedHost.StartAsync(database);
        var us = await partner.PartnerAsync("US", format);
        var run = await partner.FeedAsync(us, feed);
        Assert.True(run is { Status: FeedRunStatus.Done, Rejected: 0 }, $"{run.Status} {run.Code} {run.Note}: {await partner.ReportAsync(run)}\n{Encoding.UTF8.GetString(feed)[..500]}");
        Assert.Equal((sold, sold), (run.Rows, run.Accepted + run.Warned));
        Assert.Equal(sold.ToString(CultureInfo.InvariantCulture), $"{await partner.SqlAsync($"SELECT count(*) FROM variants v JOIN products p ON p.id = v.product_id WHERE p.partner_id = '{us}' AND v.retired_at IS NULL")}");
        // At the price that counts now, with the price before it, and as many products as there: variants have found their siblings.
        Assert.Equal(await PricesAsync(shop.ConnectionString, "CASE p.slug WHEN 'glow' THEN 25.00 ELSE v.price_amount END", "TRUE"),
            await PricesAsync(partner.Core.ConnectionString, "v.price_amount", $"p.partner_id = '{us}'"));
        Assert.Equal(40m, await partner.SqlAsync($"SELECT v.compare_at_amount FROM variants v JOIN products p ON p.id = v.product_id WHERE p.partner_id = '{us}' AND v.price_amount = 25"));
        Assert.Equal(1L, await partner.SqlAsync($"SELECT count(*) FROM products p WHERE p.partner_id = '{us}' AND p.name = 'Everyday Organic Tee' AND cardinality(p.option_names) = 2"));
        var again = await partner.FeedAsync(us, [.. feed, (byte)'\n']);
        Assert.True(again is { Rejected: 0, New: 0, Changed: 0, Missing: 0 }, $"{again.Status} {again.Code}: {await partner.ReportAsync(again)}");
    }

    private static async Task<string> PricesAsync(string database, string price, string which)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"""
            SELECT string_agg(({price})::text, ' ' ORDER BY {price})
            FROM variants v JOIN products p ON p.id = v.product_id WHERE p.status = 'Published' AND v.retired_at IS NULL AND {which}
            """);
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
