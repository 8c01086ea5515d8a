using Microsoft.Playwright;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Retail.Tests.InBrowser;

/// <summary>People who use no mouse: every step by Tab, Enter and the arrows, and it can always be seen where one is.</summary>
public sealed class KeyboardTests(TestDatabase database, Chromium chromium) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_purchase_without_a_mouse()
    {
        await using var guest = await chromium.VisitAsync(_shop, new Device());
        var keys = guest.Page.Keyboard;
        await guest.OpenAsync("/products/tern-portable-radio");
        await keys.PressAsync("Tab");
        await Expect(guest.Page.Locator(".skip-link")).ToBeFocusedAsync();
        await Expect(guest.Page.Locator(".skip-link")).ToBeInViewportAsync();
        await keys.PressAsync("Enter");
        await keys.PressAsync("Tab");
        Assert.True(await guest.Page.EvaluateAsync<bool>("document.activeElement.closest('main') !== null"), "The skip link leads past the header.");

        await TabToAsync(guest, "input[type=radio]");
        await keys.PressAsync("ArrowDown");
        await Expect(guest.Page.Locator("[data-variant-part=sku]")).ToHaveTextAsync("HAL-TRN-TOM");
        await Expect(guest.Page.Locator("input[value=Tomato]")).ToBeFocusedAsync();
        await TabToAsync(guest, "form[data-variants] button.primary");
        await keys.PressAsync("Enter");
        await guest.SeesAsync("Your cart");
        await TabToAsync(guest, "form[action*=CheckOut] button");
        await keys.PressAsync("Enter");
        await guest.SeesAsync("Checkout");
        foreach (var (field, value) in Buying.Filled())
        {
            await TabToAsync(guest, $"main [name$='{field}']");
            await keys.TypeAsync(value);
        }
        await TabToAsync(guest, "form.checkout-form .place button");
        await keys.PressAsync("Enter");
        await guest.SeesAsync("Thank you, Mara");
        Assert.Equal(1, await _shop.CountAsync("orders WHERE status = 'Paid'"));
    }

    // Nothing is passed that could not be seen: each stop shows an outline or a shadow, its own or that of what it stands in or beside.
    private static async Task TabToAsync(Visitor guest, string selector)
    {
        for (var stops = 0; stops < 100; stops++)
        {
            await guest.Page.Keyboard.PressAsync("Tab");
            var unseen = await guest.Page.EvaluateAsync<string?>("""
                () => { const e = document.activeElement;
                    const of = [e, e.nextElementSibling, e.parentElement].filter(x => x).map(x => getComputedStyle(x)).concat(getComputedStyle(e, '::after'));
                    return e === document.body || of.some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none') ? null : e.outerHTML; }
                """);
            Assert.True(unseen is null, $"The focus can't be seen on {unseen}");
            if (await guest.Page.EvaluateAsync<bool>("s => document.activeElement.matches(s)", selector)) return;
        }
        Assert.Fail($"Tab never comes to {selector} on {guest.Page.Url}.");
    }
}
