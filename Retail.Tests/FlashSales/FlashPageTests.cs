using System.Globalization;
using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.FlashSales;

/// <summary>What shoppers see of a flash sale, before, while and after it runs.</summary>
public sealed class FlashPageTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task The_page_follows_the_clock_without_anybodys_write()
    {
        await _shop.HasSaleAsync("Lamp", quantity: 45, startsIn: TimeSpan.FromSeconds(2.5), lasts: TimeSpan.FromSeconds(3));
        var visitor = await _shop.OpenAsync("/products/lamp");
        Assert.Contains("$25.00 instead of $40.00 Starts", visitor.Text, StringComparison.Ordinal);
        Assert.Equal("$40.00", Price(visitor));
        Assert.DoesNotContain("Flash sale", (await _shop.OpenAsync("/")).Text, StringComparison.Ordinal);

        await UntilAsync(visitor, "/products/lamp", () => Price(visitor).StartsWith("Now $25.00 before $40.00", StringComparison.Ordinal));
        Assert.Contains("40+ left, at most 5 for each customer Ends", visitor.Text, StringComparison.Ordinal);
        Assert.Contains("UTC", visitor.Document.QuerySelector("aside.flash time[data-countdown]")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("Lamp, $25 instead of $40", (await _shop.OpenAsync("/")).Text, StringComparison.Ordinal);
        var list = await _shop.OpenAsync("/products/?category=flash");
        Assert.Equal("Flash sale", list.Document.QuerySelector(".card .badge")!.TextContent);
        Assert.Equal("$25.00 before $40.00", list.Document.QuerySelector(".card .price")!.TextContent);

        await UntilAsync(visitor, "/products/lamp", () => Price(visitor) == "$40.00");
        Assert.Null(visitor.Document.QuerySelector("aside.flash"));
        Assert.DoesNotContain("Flash sale", (await _shop.OpenAsync("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buy_now_leads_through_the_checkout_at_the_flash_price()
    {
        await _shop.HasSaleAsync("Vase", quantity: 1);
        var buyer = await _shop.OpenAsync("/products/vase");
        Assert.Contains("1 left", buyer.Text, StringComparison.Ordinal);
        await buyer.SubmitAsync("Buy now");
        Assert.Equal("/checkout", buyer.Uri.AbsolutePath);
        Assert.Contains("$25.00", buyer.Text, StringComparison.Ordinal);
        await buyer.SubmitAsync("Place order", ("Email", "ada@example.com"), ("Input.Name", "Ada Buyer"), ("Line1", "1 Mill Lane"), ("City", "Ely"), ("Postcode", "CB7"), ("Country", "GB"),
            ("Number", "4242424242424242"), ("Expiry", "04 / 39"), ("SecurityCode", "123"), ("Card.Name", "Ada Buyer"));

        Assert.StartsWith("/orders/", buyer.Uri.AbsolutePath, StringComparison.Ordinal);
        Assert.Contains("$29.90", buyer.Text, StringComparison.Ordinal);
        Assert.Equal(1, await _shop.SqlAsync("SELECT sold FROM flash_sales"));
        var late = await _shop.OpenAsync("/products/vase");
        await UntilAsync(late, "/products/vase", () => late.Text.Contains("The flash sale has sold out", StringComparison.Ordinal));
        Assert.Equal("$40.00", Price(late));
    }

    [Fact]
    public async Task A_sold_out_sale_is_told_politely_and_a_cart_learns_of_the_normal_price()
    {
        var sale = await _shop.HasSaleAsync("Bowl", quantity: 2);
        var buyer = await _shop.OpenAsync("/products/bowl");
        await buyer.SubmitAsync("Add to cart");
        Assert.Contains("flash price until", buyer.Text, StringComparison.Ordinal);
        var late = await _shop.OpenAsync("/products/bowl");
        var request = late.Fill("Buy now");
        await _shop.SqlAsync("UPDATE flash_sales SET sold = quantity WHERE id = $1", sale);
        await UntilAsync(buyer, "/products/bowl", () => Price(buyer) == "$40.00");
        await late.SendAsync(request);
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("Just missed it", late.Text, StringComparison.Ordinal);
        await buyer.OpenAsync("/cart");
        Assert.Contains("it was $25.00 when you added it and is $40.00 now", buyer.Text, StringComparison.Ordinal);
    }

    private static string Price(Browser page) => string.Join(' ', page.Document.QuerySelector(".buy .price")!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static async Task UntilAsync(Browser page, string path, Func<bool> shown)
    {
        for (var wait = 0; wait < 80; wait++)
        {
            await page.OpenAsync(path);
            if (shown()) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{path} did not change. It says: {page.Text}"));
    }
}
