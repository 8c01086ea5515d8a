using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Admin;

/// <summary>Who may enter the admin area, for every page there is.</summary>
public sealed class AdminAreaTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Strangers_are_sent_to_sign_in()
    {
        foreach (var address in await _shop.AdminAddressesAsync())
        {
            var browser = await _shop.OpenAsync(address);
            Assert.Equal("/account/sign-in", browser.Uri.AbsolutePath);
            Assert.Contains(Uri.EscapeDataString(address), browser.Uri.Query, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Shoppers_who_are_signed_in_are_refused()
    {
        var browser = await _shop.OpenAsync("/account/register");
        await browser.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "ola@example.com"), ("Password", "longer than eight"));
        foreach (var address in await _shop.AdminAddressesAsync())
        {
            await browser.OpenAsync(address);
            Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        }
    }

    [Fact]
    public async Task Admins_see_every_page()
    {
        var browser = await _shop.OpenAsAdminAsync("/admin/");
        foreach (var address in await _shop.AdminAddressesAsync())
        {
            await browser.OpenAsync(address);
            Assert.True(browser.Status == HttpStatusCode.OK, $"{address} answers {browser.Status}: {browser.Text}");
            Assert.NotNull(browser.Document.QuerySelector(".admin-nav"));
        }
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused()
    {
        var browser = await _shop.OpenAsAdminAsync("/admin/");
        foreach (var address in await _shop.AdminAddressesAsync())
        {
            using var answer = await browser.SendAsideAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.BaseAddress, address)) { Content = new FormUrlEncodedContent([]) });
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{address} answers {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Lists_keep_search_filter_and_sort_in_the_address()
    {
        var browser = await _shop.OpenAsAdminAsync("/admin/products");
        await browser.SubmitAsync("Search", ("q", "lowtide"), ("status", "published"));
        Assert.Contains("Squall Rain Jacket", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Tern", browser.Text, StringComparison.Ordinal);
        var byPrice = browser.Document.QuerySelectorAll("thead a").Single(a => a.TextContent == "Price").GetAttribute("href")!;
        Assert.Contains("q=lowtide", byPrice, StringComparison.Ordinal);
        await browser.OpenAsync(byPrice);
        Assert.Equal(["Harbour Knit Beanie", "Squall Rain Jacket"], browser.Document.QuerySelectorAll("tbody th a span").Select(s => s.FirstChild!.TextContent));
        Assert.Equal("ascending", browser.Document.QuerySelector("[aria-sort]")!.GetAttribute("aria-sort"));
        foreach (var column in (string[])["name", "-name", "price", "-price", "stock", "-stock", "updated", "-updated", "7", "none"])
        {
            await browser.OpenAsync($"/admin/products?sort={column}&page=99&stock=low");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            await browser.OpenAsync($"/admin/orders?sort={column.Replace("name", "number", StringComparison.Ordinal)}&q=50%25_off&status=9&from=2026-02-30");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
        }
    }
}
