using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Catalog;
using Retail.Core.Flags;
using Retail.Core.Inventory.Seeding;
using Retail.Tests.FlashSales;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Flags;

/// <summary>Whichever path a flag selects, a shopper sees the same.</summary>
public sealed class SamePagesTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly string[] Lists =
    [
        "/", "/products/", "/products/?page=2", "/products/?page=99", "/products/?sort=price", "/products/?sort=price&page=3", "/products/?sort=price-desc", "/products/?sort=name",
        "/products/?sort=name&page=2", "/products/?sort=rating", "/products/?sort=newest&stock=1", "/products/?category=clothing&stock=1", "/products/?category=no-such-thing",
        "/products/?brand=Halden", "/products/?brand=Halden&brand=Lowtide&sort=price", "/products/?min=25&max=50", "/products/?min=20&max=49.99&sort=price-desc", "/products/?max=25&category=books",
        "/products/?q=wool", "/products/?q=wool&sort=price", "/products/?q=keybord", "/products/?q=zzzqqq", "/products/?q=radio&max=200&stock=1",
        "/api/products/?sort=price&page=2", "/api/products/tern-portable-radio",
    ];

    private Shop _memory = null!, _direct = null!, _tooLarge = null!;

    public async ValueTask InitializeAsync()
    {
        _memory = await Shop.StartAsync(database);
        await _memory.HasSaleAsync("glow", quantity: 5);
        await _memory.Services.GetRequiredService<CatalogSeeder>().GenerateAsync(120, new Progress<int>(), TestContext.Current.CancellationToken);
        _direct = await _memory.StartTwinAsync();
        _tooLarge = await _memory.StartTwinAsync("--Catalog:MaxProductsInMemory=20");
        foreach (var flag in FeatureFlags.All) _direct.Services.GetRequiredService<FeatureFlags>().Set(flag, false);
        var count = (int)(long)(await _memory.SqlAsync("SELECT count(*) FROM products WHERE status = 'Published'"))!;
        while (_memory.Services.GetRequiredService<CatalogModel>().Snapshot.Count < count) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _tooLarge.DisposeAsync();
        await _direct.DisposeAsync();
        await _memory.DisposeAsync();
    }

    [Fact]
    public async Task Lists_and_product_pages_are_the_same_from_memory_and_from_the_database()
    {
        Assert.True(_direct.Services.GetRequiredService<CatalogModel>().Snapshot.IsWhole);
        Assert.False(_tooLarge.Services.GetRequiredService<CatalogModel>().Snapshot.IsWhole);
        var all = _memory.Services.GetRequiredService<CatalogModel>().Snapshot.Sorted(ProductSort.Name);
        string[] products = [.. all.Take(6).Concat(all.TakeLast(6)).Select(p => $"/products/{p.Slug}"), "/products/glow", "/products/everyday-organic-tee", "/products/bread-slowly?variant=LRP-BRD-PB"];
        foreach (var path in Lists.Concat(products))
        {
            var expected = await PageAsync(_memory, path);
            Assert.True(expected.Length > 200, $"{path} says almost nothing: {expected}");
            Assert.True(expected == await PageAsync(_direct, path), $"{path} is another page with the flag off:\n{Difference(expected, await PageAsync(_direct, path))}");
            Assert.True(expected == await PageAsync(_tooLarge, path), $"{path} is another page in a store too large for memory:\n{Difference(expected, await PageAsync(_tooLarge, path))}");
        }
    }

    [Fact]
    public async Task A_cart_is_the_same_with_the_flag_on_and_off()
    {
        var shopper = await _memory.OpenAsync("/products/glow");
        await shopper.SubmitAsync("Add to cart", ("quantity", "2"));
        foreach (var product in (string[])["tern-portable-radio", "tidepool-stoneware-mug?variant=KLN-TID-SEA", "everyday-organic-tee"])
        {
            await shopper.OpenAsync($"/products/{product}");
            await shopper.SubmitAsync("Add to cart");
        }
        await SameAsync("fresh");
        await _memory.SqlAsync("UPDATE variants SET price_amount = price_amount + 1 WHERE sku = 'KLN-TID-SEA'");
        await _memory.SqlAsync("UPDATE stock_items SET on_hand = 0 WHERE variant_id IN (SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = 'tern-portable-radio')");
        await _memory.SqlAsync("UPDATE flash_sales SET sold = quantity - 1");
        await _memory.SqlAsync("UPDATE products SET status = 'Draft' WHERE slug = 'everyday-organic-tee'");
        while (_memory.Services.GetRequiredService<CatalogModel>().Snapshot.Find("everyday-organic-tee") is not null) await Task.Delay(20, TestContext.Current.CancellationToken);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        await SameAsync("changed");

        async Task SameAsync(string when)
        {
            await shopper.OpenAsync(new Uri(_memory.BaseAddress, "/cart").ToString());
            var expected = MainOf(shopper);
            Assert.Contains("Glow", expected, StringComparison.OrdinalIgnoreCase);
            foreach (var shop in (Shop[])[_direct, _tooLarge])
            {
                await shopper.OpenAsync(new Uri(shop.BaseAddress, "/cart").ToString());
                Assert.True(expected == MainOf(shopper), $"The {when} cart is another one:\n{Difference(expected, MainOf(shopper))}");
            }
        }
    }

    [Fact]
    public async Task With_the_flag_off_nothing_that_was_kept_is_shown()
    {
        const string Radio = "/products/tern-portable-radio";
        var visitors = new Dictionary<Shop, Browser> { [_memory] = await _memory.OpenAsync(Radio), [_direct] = await _direct.OpenAsync(Radio) };
        await visitors[_memory].OpenAsync(Radio);
        Assert.NotNull(visitors[_memory].Answer!.Headers.Age);
        // Written without a notice: only who asks the database can know.
        await _memory.SqlAsync("SET session_replication_role = replica; UPDATE variants SET price_amount = 77.77 WHERE product_id = (SELECT id FROM products WHERE slug = 'tern-portable-radio')");
        foreach (var (_, visitor) in visitors) await visitor.OpenAsync(Radio);
        Assert.DoesNotContain("$77.77", visitors[_memory].Text, StringComparison.Ordinal);
        Assert.Contains("$77.77", visitors[_direct].Text, StringComparison.Ordinal);
        // The switch reaches kept pages too.
        await _memory.SqlAsync("INSERT INTO feature_flags (name, is_on) VALUES ('PRODUCTS', false)");
        await FlagTests.StandsAsync(_memory, FeatureFlag.Products, false);
        await visitors[_memory].OpenAsync(Radio);
        Assert.Contains("$77.77", visitors[_memory].Text, StringComparison.Ordinal);
    }

    private static async Task<string> PageAsync(Shop shop, string path)
    {
        using var client = new HttpClient { BaseAddress = shop.BaseAddress };
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // What is the node's own and not the page's.
        text = text.Replace(shop.BaseAddress.ToString(), "http://store/", StringComparison.Ordinal);
        return answer.Headers.TryGetValues("X-Request-ID", out var ids) ? text.Replace(ids.First(), "", StringComparison.Ordinal) : text;
    }

    private static string MainOf(Browser browser) => browser.Document.QuerySelector("main")!.InnerHtml;

    private static string Difference(string expected, string actual)
    {
        var at = Enumerable.Range(0, Math.Min(expected.Length, actual.Length)).FirstOrDefault(i => expected[i] != actual[i]);
        return $"{expected[Math.Max(0, at - 200)..Math.Min(expected.Length, at + 200)]}\n--- instead of that:\n{actual[Math.Max(0, at - 200)..Math.Min(actual.Length, at + 200)]}";
    }
}
