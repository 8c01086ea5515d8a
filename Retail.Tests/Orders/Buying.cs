using Retail.Tests.Support;

namespace Retail.Tests.Orders;

/// <summary>What a shopper does again and again.</summary>
internal static class Buying
{
    public const string PayingCard = "4242 4242 4242 4242", DeclinedCard = "4000000000000002", PoorCard = "4000000000009995";

    /// <summary>A new visitor's browser at the checkout, with one radio in the cart.</summary>
    public static async Task<Browser> AtCheckoutAsync(this Shop shop, string product = "tern-portable-radio")
    {
        var browser = await shop.OpenAsync("/products/" + product);
        await browser.SubmitAsync("Add to cart");
        await browser.OpenAsync("/checkout");
        return browser;
    }

    public static Task PlaceOrderAsync(this Browser browser, string card = PayingCard, string email = "mara@example.com", params (string, string)[] other) =>
        browser.SubmitAsync("Place order", Filled(card, email, other));

    public static (string Field, string Value)[] Filled(string card = PayingCard, string email = "mara@example.com", params (string, string)[] other) =>
    [
        ("Email", email), ("Input.Name", "Mara Lindqvist"), ("Line1", "118 Orchard Lane"), ("Postcode", "97214"), ("City", "Portland"),
        ("Number", card), ("Expiry", "04 / 39"), ("SecurityCode", "987"), ("Card.Name", "M Lindqvist"), .. other,
    ];

    public static async Task<int> AvailableAsync(this Shop shop, string product) => Convert.ToInt32(await shop.SqlAsync(
        "SELECT sum(on_hand - reserved) FROM stock_items s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id WHERE p.slug = $1", product), null);

    public static async Task<long> CountAsync(this Shop shop, string from, params object[] values) => (long)(await shop.SqlAsync("SELECT count(*) FROM " + from, values))!;
}
