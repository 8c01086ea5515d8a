using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Partners;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Formats;
using Retail.Core.Partners.Runs;
using Retail.Tests.HouseRules;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>What the formats make of files, good and bad.</summary>
public sealed class FormatTests(TestDatabase database) : IAsyncLifetime
{
    private FeedHost _shop = null!;

    private FeedFormats Formats => _shop.Core.Services.GetRequiredService<FeedFormats>();

    public async ValueTask InitializeAsync() => _shop = await FeedHost.StartAsync(database, ("Partners:MaxUnpackedBytes", "20000000"));

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task The_sample_of_every_format_is_taken_without_a_rejected_row()
    {
        Assert.True(Formats.All.Count >= 4, "Formats are missing.");
        Assert.Equal(Formats.All.Count, Formats.All.Select(f => f.Key).Distinct().Count());
        foreach (var format in Formats.All)
        {
            using var sample = new MemoryStream();
            await using (var file = FeedFormats.OpenSample(format)) await file.CopyToAsync(sample, TestContext.Current.CancellationToken);
            var partner = await _shop.PartnerAsync(format.Key[..2].ToUpperInvariant(), format.Key);
            var run = await _shop.FeedAsync(partner, sample.ToArray());
            Assert.True(run is { Status: FeedRunStatus.Done, Rows: > 1, Rejected: 0 }, $"{format.Name}: {run.Status}, {run.Rows} rows, {run.Note} {await _shop.ReportAsync(run)}");
            Assert.Equal(run.Rows, run.New);
        }
    }

    [Fact]
    public void A_format_is_one_class_that_nothing_outside_its_folder_names()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(DependencyTests.RepositoryRoot(), "Retail.Core"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(DependencyTests.RepositoryRoot(), "Retail.Web"), "*.cs*", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/Partners/Formats/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        Assert.True(sources.Count > 200);
        foreach (var format in Formats.All) Assert.DoesNotContain(sources, text => Regex.IsMatch(text, $@"\b{format.GetType().Name}\b"));
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    [InlineData('^')]
    [InlineData('~')]
    public async Task Csv_is_read_whatever_separates_its_values(char separator)
    {
        var partner = await _shop.PartnerAsync("SEP");
        var run = await _shop.FeedAsync(partner, "ID,Title,Price,Quantity\r\n1,\"A cup, large\",5.20,3\r\n\r\n2,\"Two\r\nlines\",6,4\r\n".Replace("\"A cup, large\"", "A cup", StringComparison.Ordinal).Replace(',', separator));
        Assert.Equal((FeedRunStatus.Done, 2, 0), (run.Status, run.Rows, run.Rejected));
        Assert.Equal("SEP-1 A cup 5.20 x3, SEP-2 Two lines 6.00 x4", await _shop.GoodsAsync(partner));
    }

    [Fact]
    public async Task A_byte_order_mark_and_every_encoding_that_is_agreed_on_give_the_same_letters()
    {
        const string text = "id;title;price\r\n1;Caf\u00e9 cr\u00e8me;5\r\n";
        foreach (var (code, file) in (IEnumerable<(string, byte[])>)
        [
            ("AA", Encoding.UTF8.GetBytes(text)), ("BB", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)]), ("CC", Encoding.Latin1.GetBytes(text)),
            ("DD", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)]), ("EE", Gzip(Encoding.UTF8.GetBytes(text))),
        ])
        {
            var partner = await _shop.PartnerAsync(code);
            var run = await _shop.FeedAsync(partner, file);
            Assert.True(run is { Status: FeedRunStatus.Done, Rejected: 0, Rows: 1 }, $"{code}: {run.Note} {await _shop.ReportAsync(run)}");
            Assert.Equal($"{code}-1 Caf\u00e9 cr\u00e8me 5.00 x10", await _shop.GoodsAsync(partner));
        }
    }

    [Fact]
    public async Task Json_lines_are_read_and_a_line_that_is_broken_keeps_no_other_out()
    {
        var partner = await _shop.PartnerAsync("JL", "json");
        var run = await _shop.FeedAsync(partner, """
            {"id":"1","title":"Cup","price":5}

            {"id":"2","title":
            {"id":"3","title":"Jug","price":"7.50 USD","color":"blue"}
            7
            {"id":"4","title":"Pot","price":8,"tit
            """);
        Assert.Equal("JL-1 Cup 5.00 x10, JL-3 Jug 7.50 x10", await _shop.GoodsAsync(partner));
        Assert.Equal("3 BAD_ROW, 5 BAD_ROW, 6 TRUNCATED", await _shop.ReportAsync(run));
        Assert.Equal((FeedRunStatus.Done, false), (run.Status, run.IsComplete));
    }

    [Fact]
    public async Task Shopify_rows_of_one_handle_become_one_product_with_its_variants()
    {
        var partner = await _shop.PartnerAsync("SH", "shopify");
        using var sample = new MemoryStream();
        await using (var file = FeedFormats.OpenSample(Formats.Find("shopify")!)) await file.CopyToAsync(sample, TestContext.Current.CancellationToken);
        await _shop.FeedAsync(partner, sample.ToArray());
        Assert.Equal("SH-RJ-M-G Rain jacket 89.00 x0, SH-RJ-M-Y Rain jacket 95.00 x7, SH-RJ-S-G Rain jacket 89.00 x5, SH-gift-card Gift card 25.00 x10", await _shop.GoodsAsync(partner));
        Assert.Equal("Size,Color|<p>Keeps you dry.</p>\n<p>Packs small.</p>|3|Lowtide", await _shop.SqlAsync(
            "SELECT concat_ws('|', array_to_string(option_names, ','), description, (SELECT count(*) FROM partner_pictures a WHERE a.product_id = p.id AND address NOT LIKE '%yellow%'), brand) FROM products p WHERE name = 'Rain jacket'"));
        Assert.Equal("M,Yellow", await _shop.SqlAsync("SELECT array_to_string(options, ',') FROM variants WHERE sku = 'SH-RJ-M-Y'"));
    }

    [Fact]
    public async Task Google_merchant_xml_is_read_with_its_groups_details_and_sale_prices()
    {
        var partner = await _shop.PartnerAsync("GM", "google-merchant");
        using var sample = new MemoryStream();
        await using (var file = FeedFormats.OpenSample(Formats.Find("google-merchant")!)) await file.CopyToAsync(sample, TestContext.Current.CancellationToken);
        var run = await _shop.FeedAsync(partner, sample.ToArray());
        Assert.Equal("GM-BOOT-42 Wanderer boot 99.00 x10, GM-BOOT-43 Wanderer boot 129.00 x0", await _shop.GoodsAsync(partner));
        Assert.Equal("129.00", await _shop.SqlAsync("SELECT compare_at_amount::text FROM variants WHERE sku = 'GM-BOOT-42'"));
        Assert.Equal("Size|<p>Waterproof leather, <b>rubber sole</b>.</p>", await _shop.SqlAsync("SELECT array_to_string(option_names, ',') || '|' || description FROM products WHERE partner_id IS NOT NULL AND name = 'Wanderer boot'"));
        Assert.Contains("\"Upper\", \"Value\": \"leather\"", (await _shop.SqlAsync("SELECT attributes::text FROM products WHERE name = 'Wanderer boot'"))?.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, run.Rejected);
    }

    public static TheoryData<string, string, string, string> BrokenFiles => new()
    {
        { "csv", "", "EMPTY_FILE", "" },
        { "csv", "12,Cup,5\n13,Jug,6\n", "MISSING_HEADER", "" },
        { "json", "id,title,price\n1,Cup,5\n", "WRONG_FORMAT", "" },
        { "google-merchant", "id,title,price\n1,Cup,5\n", "WRONG_FORMAT", "" },
        { "google-merchant", "<html><body/></html>", "WRONG_FORMAT", "" },
        { "google-merchant", "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><rss><channel><item><title>&x;</title></item></channel></rss>", "DTD_REFUSED", "" },
        { "google-merchant", "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><rss><channel><item><title>&b;</title></item></channel></rss>", "DTD_REFUSED", "" },
        { "shopify", "id,title,price\n1,Cup,5\n", "MISSING_HEADER", "" },
    };

    [Theory, MemberData(nameof(BrokenFiles))]
    public async Task A_file_that_can_t_be_used_at_all_ends_in_one_clear_sentence(string format, string text, string code, string _)
    {
        var partner = await _shop.PartnerAsync("BAD", format);
        var run = await _shop.FeedAsync(partner, text);
        Assert.Equal((FeedRunStatus.Failed, code), (run.Status, run.Code));
        Assert.True(run.Note is { Length: > 10 and < 300 } && run.Note.EndsWith('.'), run.Note);
        Assert.Equal("", await _shop.GoodsAsync(partner));
    }

    [Fact]
    public async Task What_is_not_utf_8_is_named_by_its_line()
    {
        var partner = await _shop.PartnerAsync("LAT", "json");
        var run = await _shop.FeedAsync(partner, Encoding.Latin1.GetBytes("[\n{\"id\":1,\"title\":\"Cup\",\"price\":5},\n{\"id\":2,\"title\":\"Caf\u00e9\",\"price\":5}\n]"));
        Assert.Equal(("BAD_ENCODING", "Line 3 is not text in UTF-8. Save the file as UTF-8."), (run.Code, run.Note));
        var xml = await _shop.PartnerAsync("LAX", "google-merchant");
        var broken = await _shop.FeedAsync(xml, Encoding.Latin1.GetBytes("<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel>\n<item><g:id>1</g:id><g:title>Caf\u00e9</g:title><g:price>5</g:price></item></channel></rss>"));
        Assert.True(broken.IsOver && (broken.Code is not null || broken.Rejected > 0), $"{broken.Status} {broken.Note}");
    }

    [Theory]
    [InlineData("csv", "id,title,price\n1,Cup,5\n2,\"Ju", "3 TRUNCATED")]
    [InlineData("csv", "id,title,price\n1,Cup,5\n2,Jug", "3 TRUNCATED")]
    [InlineData("json", "[{\"id\":1,\"title\":\"Cup\",\"price\":5},\n{\"id\":2,\"titl", "2 TRUNCATED")]
    [InlineData("google-merchant", "<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel><item><g:id>1</g:id><g:title>Cup</g:title><g:price>5</g:price></item>\n<item><g:id>2</g:id><g:ti", "2 TRUNCATED")]
    public async Task A_file_that_is_cut_gives_what_is_whole_and_takes_nothing_off_sale(string format, string text, string report)
    {
        var partner = await _shop.PartnerAsync("CUT", format, p => p with { SafetyPercent = 100 });
        var whole = format switch
        {
            "csv" => "id,title,price\n1,Cup,4\n9,Old,4\n",
            "json" => "[{\"id\":1,\"title\":\"Cup\",\"price\":4},{\"id\":9,\"title\":\"Old\",\"price\":4}]",
            _ => "<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel><item><g:id>1</g:id><g:title>Cup</g:title><g:price>4</g:price></item><item><g:id>9</g:id><g:title>Old</g:title><g:price>4</g:price></item></channel></rss>",
        };
        await _shop.FeedAsync(partner, whole);
        var run = await _shop.FeedAsync(partner, text);
        Assert.Equal((FeedRunStatus.Done, report), (run.Status, await _shop.ReportAsync(run)));
        Assert.Equal("CUT-1 Cup 5.00 x10, CUT-9 Old 4.00 x10", await _shop.GoodsAsync(partner));
    }

    [Fact]
    public async Task A_zip_bomb_is_stopped_at_the_bound_and_a_damaged_archive_is_told()
    {
        var partner = await _shop.PartnerAsync("ZIP");
        using var packed = new MemoryStream();
        await using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1_000_000];
            for (var i = 0; i < 60; i++) await zip.WriteAsync(zeros, TestContext.Current.CancellationToken);
        }
        Assert.True(packed.Length < 1_000_000);
        var run = await _shop.FeedAsync(partner, packed.ToArray());
        Assert.Equal(("TOO_LARGE", "The file unpacks to more than 20 MB. Send it in parts."), (run.Code, run.Note));

        var good = Gzip(Encoding.UTF8.GetBytes("id,title,price\n" + string.Concat(Enumerable.Range(1, 3000).Select(i => $"{i},Cup {i * 7919 % 3001},5\n"))));
        // At any place, also where a row ends.
        var cut = await _shop.FeedAsync(partner, good[..(good.Length / 2)]);
        Assert.True(cut.Code == "BAD_COMPRESSION", $"{cut.Status} {cut.Code} {cut.Note} {cut.Rows} {cut.IsComplete}");
        byte[] damaged = [.. good];
        for (var i = 100; i < 140; i++) damaged[i] ^= 0x55;
        var broken = await _shop.FeedAsync(partner, damaged);
        Assert.True(broken.Code == "BAD_COMPRESSION", $"{broken.Status} {broken.Code} {broken.Note}");
        Assert.Equal("", await _shop.GoodsAsync(partner));
    }

    [Fact]
    public async Task A_row_without_an_end_never_fills_the_memory()
    {
        var partner = await _shop.PartnerAsync("END");
        var run = await _shop.FeedAsync(partner, "id,title,price\n1,Cup,5\n2,\"" + new string('x', 3_000_000));
        Assert.Equal("3 TRUNCATED", await _shop.ReportAsync(run));
        var json = await _shop.PartnerAsync("ENJ", "json");
        var long_ = await _shop.FeedAsync(json, "[{\"id\":1,\"title\":\"Cup\",\"price\":5},\n{\"id\":2,\"title\":\"" + new string('x', 3_000_000) + "\"}]");
        Assert.Equal("2 TRUNCATED", await _shop.ReportAsync(long_));
    }

    [Fact]
    public async Task The_catalogue_of_another_shop_comes_in_as_a_partner_s_json_feed()
    {
        var path = Path.GetFullPath(Path.Combine(DependencyTests.RepositoryRoot(), "../shared/data/eshop/catalog.json"));
        Assert.SkipUnless(File.Exists(path), $"The real catalogue is not at {path}.");
        await _shop.ShelfAsync("Footwear");
        var partner = await _shop.PartnerAsync("ESHOP", "json");
        var file = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var run = await _shop.FeedAsync(partner, file);
        Assert.Equal((FeedRunStatus.Done, 101, 0, 101), (run.Status, run.Rows, run.Rejected, run.New));
        Assert.Equal(101L, await _shop.SqlAsync("SELECT count(*) FROM products WHERE partner_id IS NOT NULL AND brand <> '' AND description <> '' AND status = 'Published'"));
        Assert.True(await _shop.SqlAsync("SELECT count(*) FROM products p JOIN categories c ON c.id = p.category_id WHERE c.name = 'Footwear'") is > 0L);
        // A blank at the end makes it another file.
        var again = await _shop.FeedAsync(partner, [.. file, (byte)'\n']);
        Assert.Equal((0, 0, 101, 0), (again.New, again.Changed, again.Unchanged, again.Missing));
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest)) zip.Write(bytes);
        return packed.ToArray();
    }
}
