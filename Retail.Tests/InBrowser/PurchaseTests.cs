using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Retail.Tests.InBrowser;

/// <summary>The whole purchase as people make it: by hand, in a browser.</summary>
public sealed class PurchaseTests(TestDatabase database, Chromium chromium) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory, InlineData(1280, true), InlineData(1280, false), InlineData(390, true), InlineData(390, false)]
    public async Task A_guest_finds_chooses_buys_and_finds_the_order_again(int width, bool javaScript)
    {
        var device = new Device(width, javaScript);
        await using var guest = await chromium.VisitAsync(_shop, device);
        var page = guest.Page;
        await guest.OpenAsync("/");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("stoneware mug");
        await page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Tidepool Stoneware Mug" }).First.ClickAsync();
        await guest.SeesAsync("Tidepool Stoneware Mug");

        await page.Locator("label.pill", new() { HasText = "Chalk" }).ClickAsync();
        if (!javaScript) await guest.Button("Show this choice").ClickAsync();
        await Expect(page.Locator("[data-variant-part=sku]")).ToHaveTextAsync("KLN-TID-CHA");
        await Expect(page).ToHaveURLAsync(new Regex("variant=KLN-TID-CHA"));
        await guest.FitsAsync("The product");
        await guest.Button("Add to cart").ClickAsync();
        await guest.SeesAsync("Your cart");
        await Expect(page.Locator(".lines")).ToContainTextAsync("Chalk");

        var quantity = page.GetByLabel("Quantity of Tidepool Stoneware Mug");
        await quantity.FillAsync("3");
        if (javaScript) await quantity.PressAsync("Tab");
        else await guest.Button("Update").ClickAsync();
        await Expect(page.Locator(".lines .sum")).ToHaveTextAsync("$72.00");
        await guest.FitsAsync("The cart");
        await guest.Button("Check out").ClickAsync();
        await guest.SeesAsync("Checkout");
        await guest.FillAsync(Buying.Filled());
        await guest.FitsAsync("The checkout");
        await guest.Button("Place order").ClickAsync();
        await guest.SeesAsync("Thank you, Mara");
        await guest.FitsAsync("The order");
        var number = (await page.Locator(".eyebrow").InnerTextAsync()).Split(' ')[^1];

        await using var later = await chromium.VisitAsync(_shop, device);
        await later.OpenAsync(new Uri(page.Url).AbsolutePath);
        await Expect(later.Page.Locator("main")).Not.ToContainTextAsync("Tidepool");
        await later.OpenAsync("/orders/find");
        await later.FillAsync([("Number", number), ("Email", "mara@example.com")]);
        await later.Button("Find it").ClickAsync();
        await later.SeesAsync($"Order {number}");
        await Expect(later.Page.Locator(".lines")).ToContainTextAsync("3 \u00d7 $24.00");

        Assert.Empty(guest.Complaints);
        Assert.Empty(later.Complaints);
        Assert.Equal(1, await _shop.CountAsync("orders WHERE status = 'Paid' AND number = $1", long.Parse(number, null)));
    }

    [Fact]
    public async Task After_a_declined_card_all_is_as_typed_but_the_card_and_another_card_pays()
    {
        await using var guest = await AtCheckoutAsync(new Device(390));
        await guest.FillAsync(Buying.Filled(Buying.DeclinedCard, other: ("Line2", "c/o O\u2019Hara & <Sons>")));
        await guest.Page.GetByText("Express").ClickAsync();
        await guest.Button("Place order").ClickAsync();

        var said = guest.Page.GetByRole(AriaRole.Alert);
        await Expect(said).ToContainTextAsync("Your card was declined.");
        await Expect(said).ToBeFocusedAsync();
        foreach (var (field, value) in Buying.Filled(other: ("Line2", "c/o O\u2019Hara & <Sons>")))
            await Expect(guest.Page.Locator($"main [name$='{field}']")).ToHaveValueAsync(field is "Number" or "SecurityCode" ? "" : value);
        await Expect(guest.Page.Locator("[value=express]")).ToBeCheckedAsync();

        await guest.FillAsync([("Card.Number", Buying.PayingCard), ("SecurityCode", "123")]);
        await guest.Button("Place order").ClickAsync();
        await guest.SeesAsync("Thank you, Mara");
        Assert.Equal(1, await _shop.CountAsync("orders WHERE status = 'Paid'"));
        Assert.Equal(1, await _shop.CountAsync("orders WHERE status = 'Cancelled'"));
        Assert.Equal(1, await _shop.CountAsync("simulator.payment_intents WHERE status = 'succeeded'"));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_double_click_is_one_order(bool javaScript)
    {
        await using var guest = await AtCheckoutAsync(new Device(1280, javaScript));
        await guest.FillAsync(Buying.Filled());
        await guest.Button("Place order").DblClickAsync();
        await guest.SeesAsync("Thank you, Mara");
        Assert.Equal(1, await _shop.CountAsync("orders"));
        Assert.Equal(1, await _shop.CountAsync("simulator.payment_intents"));
    }

    [Fact]
    public async Task Back_from_the_order_and_once_more_is_the_same_order()
    {
        await using var guest = await AtCheckoutAsync(new Device());
        await guest.FillAsync(Buying.Filled());
        await guest.Button("Place order").ClickAsync();
        await guest.SeesAsync("Thank you, Mara");
        var order = new Uri(guest.Page.Url).AbsolutePath;
        await guest.Page.GoBackAsync();
        // The browser shows the form from memory, or asks again and is led on: never to a second order.
        if (await guest.Button("Place order").IsVisibleAsync())
        {
            await guest.FillAsync(Buying.Filled());
            await guest.Button("Place order").ClickAsync();
            await Expect(guest.Page).ToHaveURLAsync(new Regex(Regex.Escape(order)));
        }
        Assert.Equal(1, await _shop.CountAsync("orders"));
        Assert.Equal(1, await _shop.CountAsync("simulator.payment_intents"));
    }

    private async Task<Visitor> AtCheckoutAsync(Device device)
    {
        var guest = await chromium.VisitAsync(_shop, device);
        await guest.OpenAsync("/products/tern-portable-radio");
        await guest.Button("Add to cart").ClickAsync();
        await guest.SeesAsync("Your cart");
        await guest.OpenAsync("/checkout");
        return guest;
    }
}
