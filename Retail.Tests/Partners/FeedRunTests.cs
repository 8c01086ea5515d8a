using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common;
using Retail.Core.Metrics;
using Retail.Core.Partners;
using Retail.Core.Partners.Runs;
using Retail.Core.Partners.Trials;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>What a feed does to the shop, and what it can never do.</summary>
public sealed class FeedRunTests(TestDatabase database) : IAsyncLifetime
{
    private const string Header = "id,item_group_id,title,description,price,quantity,availability,gtin,image_link,brand,product_type,color,size\n";

    private FeedHost _shop = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _shop = await FeedHost.StartAsync(database, ("Metrics:FlushEvery", "00:00:00.050"));

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Every_fault_of_a_row_is_told_with_its_line_and_code_and_all_other_rows_go_in()
    {
        var partner = await _shop.PartnerAsync("ACME", change: p => p with { CategoryId = null });
        var run = await _shop.FeedAsync(partner, Header + $"""
            1,,Cup,,5.00,3,in_stock,4006381333931,https://a.example/1.jpg,Clay,Goods,,
            ,,No id,,5,,,,,,Goods,,
            3,,,,5,,,,,,Goods,,
            4,,No price,,,,,,,,Goods,,
            5,,Cheap,,cheap,,,,,,Goods,,
            6,,Free,,0,,,,,,Goods,,
            7,,Euro,,5 EUR,,,,,,Goods,,
            8,,Wrong digit,,5,,,4006381333932,,,Goods,,
            9,,{new string('x', 151)},,5,,,,,,Goods,,
            {new string('9', 51)},,Long id,,5,,,,,,Goods,,
            1,,Cup again,,6,,,,,,Goods,,
            12,,No scheme,,5,,,,a.example/1.jpg,,Goods,,
            13,,Script,,5,,,,javascript:alert(1),,Goods,,
            14,,Perhaps,,5,,perhaps,,,,Goods,,
            15,,Many,,5,-1,,,,,Goods,,
            16,,Nowhere,,5,,,,,,Elsewhere,,
            17,,Later,,5,,preorder,,,,Goods,,
            18,,Two things,,cheap,x,,,,,Goods,,
            19,,Bell{'\u0007'},,5,,,,,,Goods,,
            20,,Jug,,7.50 USD,0,in stock,,,,Goods,,

            """.Replace("\r", "", StringComparison.Ordinal));
        Assert.Equal("3 MISSING_FIELD, 4 MISSING_FIELD, 5 MISSING_FIELD, 6 BAD_PRICE, 7 BAD_PRICE, 8 BAD_CURRENCY, 9 BAD_GTIN_CHECKDIGIT, 10 TOO_LONG, 11 TOO_LONG, 12 DUPLICATE_ID, "
            + "13 BAD_URL, 14 BAD_URL, 15 UNKNOWN_AVAILABILITY, 16 BAD_QUANTITY, 17 UNKNOWN_CATEGORY, 18 NOT_YET_AVAILABLE, 19 BAD_PRICE, 19 BAD_QUANTITY, 20 BAD_TEXT", await _shop.ReportAsync(run));
        Assert.Equal((20, 2, 1, 17, 3), (run.Rows, run.Accepted, run.Warned, run.Rejected, run.New));
        Assert.Equal("ACME-1 Cup 5.00 x3, ACME-17 Later 5.00 x0, ACME-20 Jug 7.50 x0", await _shop.GoodsAsync(partner));
        var messages = (string[])(await _shop.SqlAsync($"SELECT array_agg(message) FROM feed_issues WHERE run_id = '{run.Id}'"))!;
        Assert.All(messages, m => Assert.True(m.EndsWith('.') && m.Split(' ').Length <= 50, m));
    }

    [Fact]
    public async Task A_feed_makes_changes_and_takes_away_and_the_same_again_changes_nothing()
    {
        var partner = await _shop.PartnerAsync("ACME", change: p => p with { SafetyPercent = 100 });
        var one = await _shop.FeedAsync(partner, Header + "1,,Cup,,5,3,,,,,,,\n2,,Jug,,7,4,,,,,,,\n3,,Pot,,9,5,,,,,,,\n");
        Assert.Equal((3, 0, 0, 0), (one.New, one.Changed, one.Unchanged, one.Missing));
        var two = await _shop.FeedAsync(partner, Header + "1,,Cup,,5,3,,,,,,,\n2,,Jug of glass,,8,4,,,,,,,\n4,,Pan,,11,6,,,,,,,\n");
        Assert.Equal((1, 1, 1, 1, 1), (two.New, two.Changed, two.Unchanged, two.Missing, two.PriceChanges));
        Assert.Equal("ACME-1 Cup 5.00 x3, ACME-2 Jug of glass 8.00 x4, ACME-4 Pan 11.00 x6", await _shop.GoodsAsync(partner));
        var ledger = await _shop.SqlAsync("SELECT count(*) FROM stock_movements");

        var same = await _shop.FeedAsync(partner, Header + "1,,Cup,,5,3,,,,,,,\n2,,Jug of glass,,8,4,,,,,,,\n4,,Pan,,11,6,,,,,,,\n\n");
        Assert.Equal((0, 0, 3, 0), (same.New, same.Changed, same.Unchanged, same.Missing));
        Assert.Equal(ledger, await _shop.SqlAsync("SELECT count(*) FROM stock_movements"));

        // What comes back has its page, its article number and its orders again.
        var back = await _shop.FeedAsync(partner, Header + "3,,Pot,,9,5,,,,,,,\n1,,Cup,,5,3,,,,,,,\n2,,Jug of glass,,8,4,,,,,,,\n4,,Pan,,11,6,,,,,,,\n");
        Assert.Equal((0, 1, 3, 0), (back.New, back.Changed, back.Unchanged, back.Missing));
        Assert.Equal(4L, await _shop.SqlAsync("SELECT count(*) FROM products WHERE partner_id IS NOT NULL"));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM stock_items s WHERE on_hand <> (SELECT sum(on_hand_delta) FROM stock_movements m WHERE m.variant_id = s.variant_id)"));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT (SELECT count(*) FROM feed_rows) + (SELECT count(*) FROM feed_changes)"));
    }

    [Fact]
    public async Task Prices_pass_the_rule_that_was_agreed_on()
    {
        var partner = await _shop.PartnerAsync("EURO", change: p => p with { Currency = "EUR", PriceRule = new PriceRule { ExchangeRate = 1.1m, MarkUpPercent = 20, Rounding = PriceRounding.NinetyNine } });
        await _shop.FeedAsync(partner, "id,title,price,sale_price,sale_price_effective_date\n1,Cup,10.00 EUR,,\n2,Jug,20 EUR,15 EUR,\n3,Pot,20 EUR,15 EUR,2020-01-01T00:00Z/2020-02-01T00:00Z\n4,Pan,20 EUR,25 EUR,\n");
        Assert.Equal("EURO-1 Cup 13.99 x10, EURO-2 Jug 19.99 x10, EURO-3 Pot 26.99 x10, EURO-4 Pan 26.99 x10", await _shop.GoodsAsync(partner));
        Assert.Equal("26.99", await _shop.SqlAsync("SELECT string_agg(compare_at_amount::text, ',') FROM variants"));
        Assert.Equal("USD", await _shop.SqlAsync("SELECT DISTINCT price_currency FROM variants"));

        await _shop.AgreeAsync(partner, "may_change_price = false, may_change_stock = false, may_add_products = false");
        var run = await _shop.FeedAsync(partner, "id,title,price,quantity\n1,Cup of clay,99.00 EUR,77\n2,Jug,20 EUR,\n3,Pot,20 EUR,\n4,Pan,20 EUR,\n5,New,1 EUR,1\n");
        Assert.Equal("EURO-1 Cup of clay 13.99 x10, EURO-2 Jug 19.99 x10, EURO-3 Pot 26.99 x10, EURO-4 Pan 26.99 x10", await _shop.GoodsAsync(partner));
        Assert.Equal("6 NEW_NOT_ALLOWED", await _shop.ReportAsync(run));
    }

    [Theory]
    [InlineData(10, 0, PriceRounding.Cents, "10.00")]
    [InlineData(10.004, 10, PriceRounding.Cents, "11.00")]
    [InlineData(10, 10, PriceRounding.NinetyFive, "11.95")]
    [InlineData(10.96, 0, PriceRounding.NinetyFive, "11.95")]
    [InlineData(10.01, 0, PriceRounding.Whole, "11.00")]
    [InlineData(10, -50, PriceRounding.NinetyNine, "5.99")]
    public void A_price_rule_marks_up_and_then_rounds_up(double price, double markUp, PriceRounding rounding, string expected) =>
        Assert.Equal(expected, new PriceRule { ExchangeRate = 1, MarkUpPercent = (decimal)markUp, Rounding = rounding }.Apply((decimal)price).ToString("0.00", CultureInfo.InvariantCulture));

    [Fact]
    public async Task Rows_of_an_item_group_become_one_product_wherever_they_stand_in_the_file()
    {
        var partner = await _shop.PartnerAsync("ACME");
        var run = await _shop.FeedAsync(partner, Header + """
            T1,TEE,Tee,,19,1,,,,Loom,,red,S
            C1,,Cup,,5,1,,,,,,white,
            T2,TEE,Tee,,19,2,,,,Loom,,red,M
            T3,TEE,Tee,,21,3,,,,Loom,,red,M
            M1,MUG,Mug,,5,1,,,,,,blue,
            M2,MUG,Mug,,5,1,,,,,,blue,
            T4,TEE,Tee,,21,4,,,,Loom,,red,L

            """);
        Assert.Equal("5 DUPLICATE_OPTIONS, 7 DUPLICATE_OPTIONS", await _shop.ReportAsync(run));
        Assert.Equal("Cup||Colour=white, Mug||Colour=blue, Tee|Size|Colour=red", await _shop.SqlAsync("""
            SELECT string_agg(concat_ws('|', name, array_to_string(option_names, ','), (SELECT string_agg(concat_ws('=', a->>'Name', a->>'Value'), ',') FROM jsonb_array_elements(attributes) a)), ', ' ORDER BY name)
            FROM products WHERE partner_id IS NOT NULL
            """));
        Assert.Equal("S:1,M:2,L:4", await _shop.SqlAsync("SELECT string_agg(options[1] || ':' || on_hand, ',' ORDER BY position) FROM variants v JOIN products p ON p.id = v.product_id JOIN stock_items s ON s.variant_id = v.id WHERE p.name = 'Tee'"));
        // A colour more: the product has two options now.
        await _shop.FeedAsync(partner, Header + "T1,TEE,Tee,,19,1,,,,Loom,,red,S\nT2,TEE,Tee,,19,2,,,,Loom,,red,M\nT3,TEE,Tee,,21,3,,,,Loom,,green,M\nT4,TEE,Tee,,21,4,,,,Loom,,red,L\nC1,,Cup,,5,1,,,,,,white,\nM1,MUG,Mug,,5,1,,,,,,blue,\n");
        Assert.Equal("red S,red M,green M,red L", await _shop.SqlAsync("SELECT string_agg(array_to_string(options, ' '), ',' ORDER BY position) FROM variants v JOIN products p ON p.id = v.product_id WHERE p.name = 'Tee'"));
    }

    [Fact]
    public async Task One_partner_s_feed_touches_neither_another_s_goods_nor_the_shop_s_own()
    {
        await _shop.Core.HasProductAsync("own", stock: 7);
        await _shop.SqlAsync("UPDATE variants SET sku = 'TWO-9'");
        var (one, two) = (await _shop.PartnerAsync("ONE"), await _shop.PartnerAsync("TWO"));
        await _shop.FeedAsync(one, Header + "1,,Cup,,5,3,,,,,,,\n2,,Jug,,7,4,,,,,,,\n");
        await _shop.SqlAsync("UPDATE products SET updated_at = '2026-01-01'");
        // The same ids, a group with the other's id, and an id that would take an article number of the shop's own.
        var run = await _shop.FeedAsync(two, Header + "1,,Other cup,,50,30,,,,,,,\n2,1,Other jug,,70,40,,,,,,,\n9,,Thief,,1,1,,,,,,,\n");
        Assert.Equal("4 SKU_TAKEN", await _shop.ReportAsync(run));
        Assert.Equal("ONE-1 Cup 5.00 x3, ONE-2 Jug 7.00 x4", await _shop.GoodsAsync(one));
        Assert.Equal("TWO-1 Other cup 50.00 x30, TWO-2 Other jug 70.00 x40", await _shop.GoodsAsync(two));
        Assert.Equal(3L, await _shop.SqlAsync("SELECT count(*) FROM products WHERE updated_at = '2026-01-01'"));
        await _shop.AgreeAsync(two, "safety_percent = 100");
        var empty = await _shop.FeedAsync(two, Header);
        Assert.Equal((0, 2), (empty.Rows, empty.Missing));
        Assert.Equal("", await _shop.GoodsAsync(two));
        Assert.Equal("ONE-1 Cup 5.00 x3, ONE-2 Jug 7.00 x4", await _shop.GoodsAsync(one));
        Assert.Equal(7, await _shop.SqlAsync("SELECT on_hand FROM stock_items s JOIN variants v ON v.id = s.variant_id WHERE v.sku = 'TWO-9' AND retired_at IS NULL"));
    }

    [Fact]
    public async Task A_run_that_would_change_too_much_waits_for_an_admin()
    {
        var partner = await _shop.PartnerAsync("ACME");
        string Feed(decimal price, int rows) => Header + string.Concat(Enumerable.Range(1, rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},,Cup {i},,{(i <= 4 ? price : 5)},3,,,,,,,\n")));
        await _shop.FeedAsync(partner, Feed(5, 10));
        var before = await _shop.GoodsAsync(partner);

        var dry = await _shop.FeedAsync(partner, Feed(6, 10), dryRun: true);
        Assert.Equal((FeedRunStatus.Done, 4, "A real run would wait for an admin: It would change the price of 4 of 10 variants, more than 30 %."), (dry.Status, dry.Changed, dry.Note));
        var held = await _shop.FeedAsync(partner, Feed(6, 10));
        Assert.Equal((FeedRunStatus.Held, "It would change the price of 4 of 10 variants, more than 30 %."), (held.Status, held.Note));
        Assert.Equal(before, await _shop.GoodsAsync(partner));

        // A newer feed takes its place, and is held for what it takes away.
        var fewer = await _shop.FeedAsync(partner, Feed(5, 6));
        Assert.Equal((FeedRunStatus.Held, 4, "It would take 4 of 10 variants off sale, more than 30 %."), (fewer.Status, fewer.Missing, fewer.Note));
        Assert.Equal(FeedRunStatus.Refused, (await _shop.RunAsync(held.Id)).Status);
        await DecideAsync(runs => runs.RefuseAsync(fewer.Id, "admin", Ct), true);
        await DecideAsync(runs => runs.ConfirmAsync(fewer.Id, "admin", Ct), false);
        Assert.Equal(before, await _shop.GoodsAsync(partner));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT (SELECT count(*) FROM feed_rows) + (SELECT count(*) FROM feed_changes)"));

        var again = await _shop.FeedAsync(partner, Feed(7, 6));
        Assert.Equal(FeedRunStatus.Held, again.Status);
        await DecideAsync(runs => runs.ConfirmAsync(again.Id, "admin", Ct), true);
        await _shop.WorkAsync(partner);
        Assert.Equal((FeedRunStatus.Done, "admin"), ((await _shop.RunAsync(again.Id)).Status, (await _shop.RunAsync(again.Id)).DecidedBy));
        Assert.Equal("ACME-1 Cup 1 7.00 x3, ACME-2 Cup 2 7.00 x3, ACME-3 Cup 3 7.00 x3, ACME-4 Cup 4 7.00 x3, ACME-5 Cup 5 5.00 x3, ACME-6 Cup 6 5.00 x3", await _shop.GoodsAsync(partner));

        // Three of ten are no more than thirty percent.
        var few = await _shop.PartnerAsync("FEW");
        await _shop.FeedAsync(few, Feed(5, 10));
        var allowed = await _shop.FeedAsync(few, Feed(5, 7));
        Assert.Equal((FeedRunStatus.Done, 3), (allowed.Status, allowed.Missing));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_says_what_would_be()
    {
        var partner = await _shop.PartnerAsync("ACME");
        await _shop.FeedAsync(partner, Header + "1,,Cup,,5,3,,,,,,,\n");
        var dry = await _shop.FeedAsync(partner, Header + "1,,Cup,,5,4,,,,,,,\n2,,Jug,,7,4,,,,,,,\n3,,,,7,4,,,,,,,\n", dryRun: true);
        Assert.Equal((FeedRunStatus.Done, true, 1, 1, 1), (dry.Status, dry.IsDryRun, dry.New, dry.Changed, dry.Rejected));
        Assert.Equal("ACME-1 Cup 5.00 x3", await _shop.GoodsAsync(partner));
        Assert.Equal("4 MISSING_FIELD", await _shop.ReportAsync(dry));
    }

    [Fact]
    public async Task The_same_content_again_answers_the_earlier_run_until_something_has_changed()
    {
        var partner = await _shop.PartnerAsync("ACME");
        byte[] a = [.. System.Text.Encoding.UTF8.GetBytes(Header + "1,,Cup,,5,3,,,,,,,\n")], b = [.. System.Text.Encoding.UTF8.GetBytes(Header + "1,,Cup,,5,4,,,,,,,\n")];
        var one = await _shop.FeedAsync(partner, a);
        Assert.Equal(new FeedReceipt(one.Id, IsReplay: true), await _shop.ReceiveAsync(partner, a));
        var two = await _shop.FeedAsync(partner, b);
        Assert.NotEqual(one.Id, two.Id);
        // After the other one the first content is news again.
        var three = await _shop.FeedAsync(partner, a);
        Assert.Equal((1, "ACME-1 Cup 5.00 x3"), (three.Changed, await _shop.GoodsAsync(partner)));
        await _shop.AgreeAsync(partner, "price_rule_mark_up_percent = 10");
        var four = await _shop.FeedAsync(partner, a);
        Assert.NotEqual(three.Id, four.Id);
        Assert.Equal(FeedRunStatus.Held, four.Status);
        // A file that came twice is kept once.
        Assert.Equal(4L, await _shop.SqlAsync("SELECT count(*) FROM feed_contents"));
    }

    [Fact]
    public async Task Stock_follows_the_feed_but_never_below_what_is_promised()
    {
        var partner = await _shop.PartnerAsync("ACME");
        await _shop.FeedAsync(partner, Header + "1,,Cup,,5,10,,,,,,,\n2,,Jug,,5,,in_stock,,,,,,\n");
        await _shop.SqlAsync("UPDATE stock_items SET reserved = 4; INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, note, at) SELECT variant_id, 'Reserved', 0, 4, '', now() FROM stock_items");
        await _shop.FeedAsync(partner, Header + "1,,Cup,,5,2,,,,,,,\n2,,Jug,,5,,out_of_stock,,,,,,\n");
        Assert.Equal("ACME-1 Cup 5.00 x4, ACME-2 Jug 5.00 x4", await _shop.GoodsAsync(partner));
        var same = await _shop.FeedAsync(partner, Header + "1,,Cup,,5,2,,,,,,,\n2,,Jug,,5,,out_of_stock,,,,,,\n\n");
        Assert.Equal((0, 2), (same.Changed, same.Unchanged));
        // "In stock" without a number: some again, on top of what is promised.
        await _shop.FeedAsync(partner, Header + "1,,Cup,,5,,,,,,,,\n2,,Jug,,5,,in_stock,,,,,,\n");
        Assert.Equal("ACME-1 Cup 5.00 x4, ACME-2 Jug 5.00 x14", await _shop.GoodsAsync(partner));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM stock_items s WHERE on_hand <> (SELECT sum(on_hand_delta) FROM stock_movements m WHERE m.variant_id = s.variant_id)"));
    }

    [Fact]
    public async Task Planted_defects_are_all_found_and_a_second_run_changes_nothing()
    {
        var rows = int.Parse(Environment.GetEnvironmentVariable("RETAIL_FEED_ROWS") ?? "4000", CultureInfo.InvariantCulture);
        var partner = await _shop.PartnerAsync("BIG");
        var feed = new TrialFeed(rows, defectEvery: 100);
        using var file = new MemoryStream();
        await feed.WriteAsync(file, 1, Ct);
        var run = await _shop.FeedAsync(partner, file.ToArray());
        Assert.Equal((FeedRunStatus.Done, rows, feed.Planted.Count), (run.Status, run.Rows, run.Rejected));
        Assert.Equal(string.Join(", ", feed.Planted.Select(p => $"{p.Line} {p.Code}")), await _shop.ReportAsync(run));
        Assert.Equal((long)(rows - feed.Planted.Count), await _shop.SqlAsync("SELECT count(*) FROM partner_items WHERE withdrawn_at IS NULL"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{rows} rows in {run.Seconds:0.0} s, memory grew by {run.PeakMemoryMb} MB");

        file.WriteByte((byte)'\n');
        var again = await _shop.FeedAsync(partner, file.ToArray());
        Assert.Equal((0, 0, rows - feed.Planted.Count, 0), (again.New, again.Changed, again.Unchanged, again.Missing));
        while (await _shop.SqlAsync($"SELECT metadata->>'rejected' FROM metric WHERE type = '{MetricTypes.FeedRun}' AND metadata->>'run_id' = '{again.Id}'") is not string rejected || rejected != $"{feed.Planted.Count}") await Task.Delay(50, Ct);
    }

    [Fact]
    public async Task A_worker_that_loses_the_database_in_the_middle_again_and_again_ends_as_one_that_never_did()
    {
        var (calm, torn) = (await _shop.PartnerAsync("CALM"), await _shop.PartnerAsync("TORN"));
        using var file = new MemoryStream();
        await new TrialFeed(3_000, defectEvery: 100).WriteAsync(file, 1, Ct);
        await _shop.FeedAsync(calm, file.ToArray());
        var run = await _shop.ReceiveAsync(torn, file.ToArray());
        var breaks = 0;
        for (var wanted = 1L; breaks < 4; wanted += 700)
        {
            var working = _shop.WorkAsync(torn);
            while (!working.IsCompleted && await _shop.SqlAsync($"SELECT count(*) FROM partner_items WHERE partner_id = '{torn}'") is long done && done < wanted) await Task.Delay(5, Ct);
            if (working.IsCompletedSuccessfully) break;
            // Whatever the run had open is gone at once, in the middle of a batch or of reading.
            await _shop.SqlAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await working.ContinueWith(_ => { }, TaskScheduler.Default);
            if (working.IsFaulted) breaks++;
        }
        await _shop.WorkAsync(torn);
        Assert.True(breaks > 0, "It was never broken.");
        var ended = await _shop.RunAsync(run.Id);
        Assert.Equal((FeedRunStatus.Done, 3_000, 30, 2_970), (ended.Status, ended.Rows, ended.Rejected, ended.New));
        Assert.True(ended.Tries > breaks, $"{ended.Tries} tries after {breaks} breaks.");
        Assert.Equal((await _shop.GoodsAsync(calm)).Replace("CALM-", "", StringComparison.Ordinal), (await _shop.GoodsAsync(torn)).Replace("TORN-", "", StringComparison.Ordinal));
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM stock_items s WHERE on_hand <> (SELECT sum(on_hand_delta) FROM stock_movements m WHERE m.variant_id = s.variant_id)"));
    }

    private async Task DecideAsync(Func<FeedRunService, Task<ServiceResult>> decide, bool ok)
    {
        await using var scope = _shop.Core.Services.CreateAsyncScope();
        Assert.Equal(ok, (await decide(scope.ServiceProvider.GetRequiredService<FeedRunService>())).Ok);
    }
}
