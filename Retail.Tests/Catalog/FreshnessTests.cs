using System.Diagnostics;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Catalog;

/// <summary>What anybody writes into the database is what everybody sees, on every node and on pages that were kept.</summary>
public sealed class FreshnessTests(TestDatabase database) : IAsyncLifetime
{
    private const string Mug = "/products/tidepool-stoneware-mug?variant=KLN-TID-CHA";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private Shop _shop = null!, _twin = null!;

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database);
        _twin = await _shop.StartTwinAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _twin.DisposeAsync();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task A_price_changed_past_the_store_is_soon_on_every_page_of_every_node()
    {
        var visitors = new[] { await _shop.OpenAsync(Mug), await _twin.OpenAsync(Mug) };
        foreach (var visitor in visitors)
        {
            await visitor.OpenAsync(Mug);
            Assert.True(visitor.Answer!.Headers.Age is not null, "The page was not kept, so this would prove nothing.");
            Assert.Contains("$24.00", visitor.Text, StringComparison.Ordinal);
        }
        await _shop.SqlAsync("UPDATE variants SET price_amount = 26.75 WHERE sku = 'KLN-TID-CHA'");
        foreach (var visitor in visitors)
        {
            await SeesAsync(visitor, Mug, "$26.75");
        }
        await _shop.SqlAsync("UPDATE products SET name = 'Tern Travel Radio' WHERE slug = 'tern-portable-radio'");
        foreach (var visitor in visitors)
        {
            await SeesAsync(visitor, "/products/?category=electronics", "Tern Travel Radio");
            await SeesAsync(visitor, "/", "Tern Travel Radio");
        }
    }

    [Fact]
    public async Task The_last_few_units_and_the_end_of_them_are_told_on_every_node()
    {
        const string Headphones = "/products/nocturne-over-ear-headphones?variant=HAL-NOC-OAT";
        await _shop.SqlAsync("UPDATE stock_items SET on_hand = 7 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'HAL-NOC-OAT')");
        var visitors = new[] { await _shop.OpenAsync(Headphones), await _twin.OpenAsync(Headphones) };
        foreach (var visitor in visitors) await SeesAsync(visitor, Headphones, "In stock");
        foreach (var (units, step) in ((int, string)[])[(4, "Only 3 left"), (3, "Sold out")])
        {
            var buyer = await _shop.OpenAsync(Headphones);
            await buyer.SubmitAsync("Add to cart", ("quantity", $"{units}"));
            await buyer.OpenAsync("/checkout");
            await buyer.PlaceOrderAsync();
            Assert.Contains("Thank you, Mara", buyer.Text, StringComparison.Ordinal);
            foreach (var visitor in visitors) await SeesAsync(visitor, Headphones, step);
        }
        Assert.True(visitors[1].Document.QuerySelector("form[data-variants] button.primary")!.HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_change_made_while_a_node_could_not_hear_is_seen_once_it_listens_again()
    {
        var visitor = await _shop.OpenAsync(Mug);
        // The listening connection alone says either of these last: LISTEN, or after a while that it lives.
        const string Listening = "FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND (query LIKE 'LISTEN %' OR query = 'SELECT 1')";
        Assert.NotEqual(0L, await _shop.SqlAsync($"SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) {Listening}"));
        await _shop.SqlAsync("UPDATE variants SET price_amount = 27.25 WHERE sku = 'KLN-TID-CHA'");
        await SeesAsync(visitor, Mug, "$27.25", TimeSpan.FromSeconds(15));
        // And it hears again.
        await _shop.SqlAsync("UPDATE variants SET price_amount = 28.50 WHERE sku = 'KLN-TID-CHA'");
        await SeesAsync(visitor, Mug, "$28.50");
        var other = await _twin.OpenAsync(Mug);
        await SeesAsync(other, Mug, "$28.50", TimeSpan.FromSeconds(15));
    }

    /// <summary>Opens the page until it says this, and fails when that takes longer than a moment.</summary>
    private static async Task SeesAsync(Browser visitor, string page, string text, TimeSpan? within = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            await visitor.OpenAsync(page);
            if (visitor.Text.Contains(text, StringComparison.Ordinal)) return;
            Assert.True(Stopwatch.GetElapsedTime(began) < (within ?? Moment), $"{page} does not say \u201c{text}\u201d: {visitor.Text}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
