using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.VisualBasic.FileIO;
using Retail.Core.Catalog;
using Retail.Core.Inventory.Seeding;
using Retail.Core.Partners.Feeds;
using Retail.Tests.FlashSales;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>What partners and search engines fetch is right, whole, and never empty.</summary>
public sealed class FeedsOutTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly XNamespace G = "http://base.google.com/ns/1.0", Map = "http://www.sitemaps.org/schemas/sitemap/0.9";
    private static readonly string[] Feeds = ["/feeds/google-merchant.xml", "/feeds/google-merchant.tsv", "/feeds/products.csv", "/feeds/products.json"];

    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database, worker: false, "--Store:PublicUrl=https://shop.example.com/");

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task The_merchant_feed_keeps_every_rule_of_the_specification()
    {
        await PrepareAsync();
        var items = XDocument.Parse(await GetAsync("/feeds/google-merchant.xml")).Root!.Element("channel")!.Elements("item").ToList();
        Assert.Equal((int)(long)(await _shop.SqlAsync("""
            SELECT count(*) FROM variants v JOIN products p ON p.id = v.product_id
            WHERE p.status = 'Published' AND v.retired_at IS NULL AND EXISTS (SELECT 1 FROM product_pictures i WHERE i.product_id = p.id)
            """))!, items.Count);
        Assert.Equal(items.Count, items.Select(i => Of(i, "id")).Distinct().Count());
        foreach (var item in items)
        {
            Assert.Matches("^\\S{1,50}$", Of(item, "id")!);
            Assert.InRange(Of(item, "title")!.Length, 1, 150);
            Assert.InRange(Of(item, "description")!.Length, 1, 5000);
            Assert.StartsWith("https://shop.example.com/products/", Of(item, "link"), StringComparison.Ordinal);
            Assert.StartsWith("https://shop.example.com/media/", Of(item, "image_link"), StringComparison.Ordinal);
            Assert.InRange(item.Elements(G + "additional_image_link").Count(), 0, 10);
            Assert.Contains(Of(item, "availability"), (string?[])["in_stock", "out_of_stock"]);
            Assert.Matches("^[0-9]+\\.[0-9]{2} USD$", Of(item, "price")!);
            Assert.Equal("new", Of(item, "condition"));
            // A number that a shop gave itself is none for the world, and then the feed says that there is none.
            Assert.True(Of(item, "gtin") is { } gtin ? !gtin.TrimStart('0').StartsWith('2') : Of(item, "identifier_exists") == "no");
            if (Of(item, "sale_price") is { } sale) Assert.True(Amount(sale) < Amount(Of(item, "price")!));
            if (Of(item, "sale_price_effective_date") is { } time) Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ/\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ$", time);
        }
        var groups = items.Where(i => Of(i, "item_group_id") is not null).GroupBy(i => Of(i, "item_group_id")).ToList();
        Assert.NotEmpty(groups);
        Assert.All(groups, group => Assert.Equal(group.Count(), group.Select(i => $"{Of(i, "color")}|{Of(i, "size")}|{Of(i, "material")}|{Of(i, "pattern")}").Distinct().Count()));
        var glow = items.Single(i => Of(i, "id") == "F-GLOW");
        Assert.Equal(("40.00 USD", "25.00 USD"), (Of(glow, "price"), Of(glow, "sale_price")));
        Assert.NotNull(Of(glow, "sale_price_effective_date"));
        // A book's format has no field of its own: each stands for itself, and its name says which it is.
        var book = items.Single(i => Of(i, "id") == "LRP-BRD-PB");
        Assert.Null(Of(book, "item_group_id"));
        Assert.EndsWith(", Paperback", Of(book, "title"), StringComparison.Ordinal);
        Assert.Equal("4006381333931", Of(items.Single(i => Of(i, "id") == "HAL-TRN-SAG"), "gtin"));
        Assert.DoesNotContain(items, i => Of(i, "id") == "HAL-NOC-OAT");
    }

    [Fact]
    public async Task Each_item_says_what_its_page_says()
    {
        await PrepareAsync();
        var items = XDocument.Parse(await GetAsync("/feeds/google-merchant.xml")).Root!.Element("channel")!.Elements("item").ToList();
        foreach (var item in items)
        {
            var page = await _shop.OpenAsync(new Uri(Of(item, "link")!).PathAndQuery);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            var data = JsonDocument.Parse(page.Document.QuerySelector("script[type='application/ld+json']")!.TextContent).RootElement;
            var offer = data.GetProperty("offers");
            var now = Of(item, "sale_price") ?? Of(item, "price")!;
            Assert.Equal(offer.GetProperty("price").GetDecimal(), Amount(now));
            Assert.Equal(offer.GetProperty("priceCurrency").GetString(), now.Split(' ')[1]);
            Assert.EndsWith(Of(item, "availability") == "in_stock" ? "/InStock" : "/OutOfStock", offer.GetProperty("availability").GetString()!, StringComparison.Ordinal);
            Assert.StartsWith(data.GetProperty("name").GetString()!, Of(item, "title")!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task All_formats_tell_of_the_same()
    {
        await PrepareAsync();
        var xml = XDocument.Parse(await GetAsync("/feeds/google-merchant.xml")).Root!.Element("channel")!.Elements("item").ToList();
        var tsv = Rows(await GetAsync("/feeds/google-merchant.tsv"), "\t");
        Assert.Equal(xml.Select(i => string.Join('|', Of(i, "id"), Of(i, "description"), Of(i, "price"), Of(i, "sale_price"), Of(i, "size"))), tsv.Select(r => string.Join('|', r["id"], r["description"], r["price"], r["sale_price"], r["size"])));
        var csv = Rows(await GetAsync("/feeds/products.csv"), ",");
        var json = JsonDocument.Parse(await GetAsync("/feeds/products.json")).RootElement.EnumerateArray().ToList();
        Assert.Equal(csv.Select(r => (r["id"], r["title"], r["description"], r["price"], int.Parse(r["quantity"], CultureInfo.InvariantCulture))),
            json.Select(o => (o.GetProperty("id").GetString()!, o.GetProperty("title").GetString()!, o.GetProperty("description").GetString()!, o.GetProperty("price").GetString()!, o.GetProperty("quantity").GetInt32())));
        Assert.True(csv.Count >= xml.Count);
        // What lists hold back, feeds hold back: drafts are in none.
        Assert.DoesNotContain(csv, r => r["id"] == "HAL-NOC-OAT");
        Assert.Contains(csv, r => r["title"] == "Tea, \"loose\" & fine\u2014<b>1</b>");
    }

    [Fact]
    public async Task A_feed_that_has_not_changed_is_not_sent_again_and_every_node_knows_it()
    {
        await using var twin = await _shop.StartTwinAsync("--Store:PublicUrl=https://shop.example.com");
        await using var large = await _shop.StartTwinAsync("--Store:PublicUrl=https://shop.example.com", "--Catalog:MaxProductsInMemory=3");
        foreach (var path in Feeds)
        {
            using var first = await SendAsync(_shop, path, null);
            var tag = first.Headers.ETag!.ToString();
            foreach (var node in (Shop[])[_shop, twin, large])
            {
                // A node that reads from the database does not read it twice for a name that others would know.
                using var own = await SendAsync(node, path, null);
                Assert.Equal(node != large, own.Headers.ETag!.ToString() == tag);
                using var again = await SendAsync(node, path, own.Headers.ETag.ToString());
                Assert.True(again.StatusCode == HttpStatusCode.NotModified, $"{path} was sent again.");
                using var whole = await SendAsync(node, path, null);
                Assert.Equal(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await whole.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
            await _shop.SqlAsync("UPDATE variants SET price_amount = price_amount + 1 WHERE sku = 'HAL-TRN-SAG'");
            while (await UnchangedAsync(path, tag)) await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        async Task<bool> UnchangedAsync(string path, string tag)
        {
            using var answer = await SendAsync(_shop, path, tag);
            return answer.StatusCode == HttpStatusCode.NotModified;
        }
    }

    [Fact]
    public async Task A_feed_travels_compressed_and_can_be_asked_for_its_head()
    {
        using var plain = new HttpClient { BaseAddress = _shop.BaseAddress };
        foreach (var path in (string[])[.. Feeds, "/sitemap.xml"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept-Encoding", "gzip" } } };
            using var answer = await plain.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal("gzip", answer.Content.Headers.ContentEncoding.Single());
            await using var unzipped = new GZipStream(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
            using var reader = new StreamReader(unzipped);
            Assert.Equal(await GetAsync(path), await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
            using var head = await plain.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        }
    }

    [Fact]
    public async Task A_feed_is_sent_in_small_pieces_however_long_it_is()
    {
        await _shop.Services.GetRequiredService<CatalogSeeder>().GenerateAsync(400, new Progress<int>(), TestContext.Current.CancellationToken);
        while (_shop.Services.GetRequiredService<CatalogModel>().Snapshot.Count < 400) await Task.Delay(20, TestContext.Current.CancellationToken);
        foreach (var feed in _shop.Services.GetServices<IOutFeed>())
        {
            var pieces = new Pieces();
            await _shop.Services.GetRequiredService<FeedsOut>().WriteAsync(feed, new FeedSite("Shop", "https://shop.example.com", "USD"), pieces, TestContext.Current.CancellationToken);
            Assert.True(pieces.Sizes.Count > 3, $"{feed.FileName} came in {pieces.Sizes.Count} pieces.");
            Assert.All(pieces.Sizes, size => Assert.InRange(size, 0, 100_000));
        }
    }

    /// <summary>Takes anything and remembers how much at a time.</summary>
    private sealed class Pieces : MemoryStream
    {
        public List<int> Sizes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Sizes.Add(buffer.Length);
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task A_shop_with_nothing_on_sale_says_later_instead_of_sending_an_empty_file()
    {
        await _shop.SqlAsync("UPDATE products SET status = 'Archived'");
        while (_shop.Services.GetRequiredService<CatalogModel>().Snapshot.Count > 0) await Task.Delay(20, TestContext.Current.CancellationToken);
        foreach (var path in Feeds)
        {
            using var answer = await SendAsync(_shop, path, null);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Null(answer.Headers.ETag);
        }
    }

    [Fact]
    public async Task The_sitemap_names_every_page_that_is_there_and_when_it_was_changed()
    {
        await PrepareAsync();
        var index = XDocument.Parse(await GetAsync("/sitemap.xml")).Root!.Elements(Map + "sitemap").ToList();
        Assert.Equal(["https://shop.example.com/sitemaps/lists.xml", "https://shop.example.com/sitemaps/products-1.xml"], index.Select(s => s.Element(Map + "loc")!.Value));
        var addresses = new List<string>();
        foreach (var part in index) addresses.AddRange(XDocument.Parse(await GetAsync(new Uri(part.Element(Map + "loc")!.Value).PathAndQuery)).Root!.Elements(Map + "url").Select(u => u.Element(Map + "loc")!.Value));
        foreach (var address in addresses) Assert.Equal(HttpStatusCode.OK, (await _shop.OpenAsync(new Uri(address).PathAndQuery)).Status);
        Assert.Equal((int)(long)(await _shop.SqlAsync("SELECT count(*) FROM products WHERE status = 'Published'"))!, addresses.Count(a => a.Contains("/products/", StringComparison.Ordinal) && !a.Contains('?', StringComparison.Ordinal) && !a.EndsWith('/')));
        var radio = XDocument.Parse(await GetAsync("/sitemaps/products-1.xml")).Root!.Elements(Map + "url").Single(u => u.Element(Map + "loc")!.Value.EndsWith("/tern-portable-radio", StringComparison.Ordinal));
        Assert.Equal(await _shop.SqlAsync("SELECT to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM products WHERE slug = 'tern-portable-radio'"), radio.Element(Map + "lastmod")!.Value);
        using var none = await SendAsync(_shop, "/sitemaps/products-2.xml", null);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        var robots = await GetAsync("/robots.txt");
        Assert.Contains("Sitemap: https://shop.example.com/sitemap.xml", robots, StringComparison.Ordinal);
        Assert.Contains("Disallow: /admin/", robots, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_setting_addresses_are_those_that_the_store_was_asked_under()
    {
        await using var plain = await _shop.StartTwinAsync();
        using var answer = await SendAsync(plain, "/feeds/products.json", null);
        Assert.Contains($"\"{plain.BaseAddress}products/tern-portable-radio", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>A flash sale, a draft, a real GTIN, and a name and a text that formats must escape.</summary>
    private async Task PrepareAsync()
    {
        await _shop.HasSaleAsync("glow", quantity: 5);
        await _shop.SqlAsync("INSERT INTO product_pictures (id, product_id, position, alt, hash) SELECT gen_random_uuid(), p.id, 1, 'Glow', (SELECT hash FROM picture_contents LIMIT 1) FROM products p WHERE p.slug = 'glow'");
        await _shop.SqlAsync("UPDATE products SET status = 'Draft' WHERE slug = 'nocturne-over-ear-headphones'");
        await _shop.SqlAsync("UPDATE variants SET gtin = '4006381333931' WHERE sku = 'HAL-TRN-SAG'");
        await _shop.SqlAsync("UPDATE products SET name = E'Tea, \"loose\" & fine\u2014<b>1</b>', description = E'One\\tline,\\n\\nand \"another\";\\u0007 a bell, <script>' WHERE slug = 'harbour-knit-beanie'");
        var model = _shop.Services.GetRequiredService<CatalogModel>();
        while (model.Snapshot.Find("harbour-knit-beanie")?.Name[0] != 'T' || model.Snapshot.Find("glow")?.Pictures.Count != 1) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private async Task<string> GetAsync(string path)
    {
        using var answer = await SendAsync(_shop, path, null);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} answers {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> SendAsync(Shop shop, string path, string? ifNoneMatch)
    {
        using var client = new HttpClient { BaseAddress = shop.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (ifNoneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? Of(XElement item, string field) => item.Element(G + field)?.Value;

    private static decimal Amount(string price) => decimal.Parse(price.Split(' ')[0], CultureInfo.InvariantCulture);

    private static List<Dictionary<string, string>> Rows(string text, string separator)
    {
        using var rows = new TextFieldParser(new StringReader(text)) { Delimiters = [separator], HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = false };
        var header = rows.ReadFields()!;
        var read = new List<Dictionary<string, string>>();
        while (!rows.EndOfData) read.Add(header.Zip(rows.ReadFields()!).ToDictionary(c => c.First, c => c.Second));
        return read;
    }
}
