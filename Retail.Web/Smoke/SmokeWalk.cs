using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Retail.Web.Smoke;

/// <summary>A shopper's walk through a store, step by step, over HTTP alone. Each step says what it expected when it did not see it.</summary>
internal sealed class SmokeWalk(SmokeSettings settings, TimeProvider clock) : IDisposable
{
    private readonly SmokeVisitor _visitor = new(settings.Store);
    private (string Slug, string Name, string VariantId) _product;
    private (string Id, string Number)? _order;
    private bool _hasCart, _hasAccount, _isSignedIn;

    private string Name => settings.UserName ?? settings.Email;

    public void Dispose() => _visitor.Dispose();

    public async Task HealthAsync(CancellationToken ct)
    {
        var page = await _visitor.GetAsync("api/health", ct);
        Expect(page, page.Status == HttpStatusCode.OK && page.Html.Contains("\"healthy\"", StringComparison.Ordinal), "200 and status healthy from /api/health");
    }

    public async Task HomeAsync(CancellationToken ct)
    {
        var page = await _visitor.GetAsync("", ct);
        Expect(page, page.Status == HttpStatusCode.OK && page.Html.Contains("href=\"/products/\"", StringComparison.Ordinal), "200 and a link to all products at /");
    }

    public async Task SearchAsync(CancellationToken ct)
    {
        var list = await JsonAsync("api/products/?stock=in", ct);
        foreach (var item in list["items"]!.AsArray().Where(i => i!["available"]!.GetValue<int>() > 0))
        {
            var slug = item!["slug"]!.GetValue<string>();
            if ((await JsonAsync($"api/products/{slug}", ct))["variants"]!.AsArray().FirstOrDefault(v => v!["available"]!.GetValue<int>() > 0) is not { } variant) continue;
            _product = (slug, item["name"]!.GetValue<string>(), variant["id"]!.GetValue<string>());
            break;
        }
        if (_product.Slug is null) throw new SmokeFailedException("a product in stock", "none: fill the store with `retail populate-products`");
        var page = await _visitor.GetAsync($"products/?q={Uri.EscapeDataString(_product.Name)}", ct);
        Expect(page, page.Status == HttpStatusCode.OK && page.Html.Contains($"/products/{_product.Slug}", StringComparison.Ordinal), $"{_product.Name} among the results of its own name");
    }

    public async Task SignInAsync(CancellationToken ct)
    {
        if (settings.UserName is null)
        {
            var form = await _visitor.GetAsync("account/register", ct);
            var made = await _visitor.PostAsync("account/register", ct, Token(form), ("Name", "Smoke Test"), ("Email", settings.Email), ("Password", settings.Password));
            Expect(made, made.Status == HttpStatusCode.OK && !made.Address.AbsolutePath.StartsWith("/account/register", StringComparison.Ordinal), "a new account");
            (_hasAccount, _isSignedIn) = (true, true);
            await SignOutAsync(ct);
        }
        await EnterAsync(ct);
    }

    public async Task CartAsync(CancellationToken ct)
    {
        if ((await JsonAsync("api/cart", ct))["units"]!.GetValue<int>() is var units and > 0)
            throw new SmokeFailedException($"an empty cart for {Name}, because all of a cart is ordered", $"{units} units in it");
        var added = await _visitor.PostJsonAsync("api/cart", new { variantId = _product.VariantId, quantity = 1 }, ct);
        Expect(added, added.Status == HttpStatusCode.OK, $"{_product.Name} to go into the cart");
        _hasCart = true;
        var page = await _visitor.GetAsync("cart", ct);
        Expect(page, page.Html.Contains($"/products/{_product.Slug}", StringComparison.Ordinal), $"{_product.Name} on the page of the cart");
    }

    public async Task CheckoutAsync(CancellationToken ct)
    {
        var form = await _visitor.GetAsync("checkout", ct);
        var expiry = clock.GetUtcNow().AddYears(2);
        var placed = await _visitor.PostAsync("checkout", ct,
            ("CheckoutKey", form.Hidden("CheckoutKey")), ("CartSeen", form.Hidden("CartSeen")), ("Input.Email", settings.Email), ("Input.Name", "Smoke Test"),
            ("Input.Line1", "1 Test Street"), ("Input.City", "Springfield"), ("Input.Postcode", "12345"), ("Input.Country", "US"), ("Input.ShippingMethod", form.Hidden("Input.ShippingMethod")),
            ("Card.Number", settings.Card), ("Card.Expiry", expiry.ToString("MM / yy", CultureInfo.InvariantCulture)), ("Card.SecurityCode", "123"), ("Card.Name", "Smoke Test"));
        var path = placed.Address.AbsolutePath;
        Expect(placed, placed.Status == HttpStatusCode.OK && path.StartsWith("/orders/", StringComparison.Ordinal), "the page of a new order (a live gateway takes no test card: see --without-order)");
        var id = path["/orders/".Length..];
        _order = (id, "");
        _order = (id, (await JsonAsync($"api/orders/{id}", ct))["number"]!.ToString());
        _hasCart = false;
    }

    public Task PaidAsync(CancellationToken ct) => UntilAsync(status => status is "paid" or "shipped", "the order to be paid within 30 seconds", ct);

    public async Task FoundAsync(CancellationToken ct)
    {
        var (id, number) = _order!.Value;
        await SignOutAsync(ct);
        var stranger = await _visitor.GetAsync($"orders/{id}", ct);
        Expect(stranger, stranger.Status == HttpStatusCode.NotFound, $"404 for order {number} to a visitor who is not signed in");
        await EnterAsync(ct);
        var list = await _visitor.GetAsync("orders", ct);
        Expect(list, list.Html.Contains($"/orders/{id}", StringComparison.Ordinal), $"order {number} among the account's orders");
        var found = await _visitor.GetAsync($"orders/{id}", ct);
        Expect(found, found.Status == HttpStatusCode.OK && found.Html.Contains($"Order {number}", StringComparison.Ordinal), $"the page of order {number}");
    }

    /// <summary>Takes back what the walk did, however far it came: the order is cancelled and paid back, the cart emptied, the account closed.</summary>
    public async Task CleanUpAsync(CancellationToken ct)
    {
        if (!_isSignedIn && (_hasAccount || _hasCart || _order is not null)) await EnterAsync(ct);
        if (_order is { } order)
        {
            var cancelled = await _visitor.PostAsync($"orders/{order.Id}?handler=cancel", ct);
            Expect(cancelled, cancelled.Status == HttpStatusCode.OK, $"order {order.Number} to be cancelled");
            await UntilAsync(status => status is "cancelled" or "refunded", $"order {order.Number} to be cancelled within 30 seconds", ct);
        }
        if (_hasCart) await _visitor.DeleteAsync($"api/cart/{_product.VariantId}", ct);
        if (!_hasAccount) return;
        var profile = await _visitor.GetAsync("account", ct);
        var closed = await _visitor.PostAsync("account?handler=Close", ct, Token(profile), ("Closing.Password", settings.Password));
        Expect(closed, closed.Address.AbsolutePath == "/", "the account to be closed");
    }

    private async Task EnterAsync(CancellationToken ct)
    {
        var form = await _visitor.GetAsync("account/sign-in", ct);
        var entered = await _visitor.PostAsync("account/sign-in", ct, Token(form), ("Email", Name), ("Password", settings.Password));
        Expect(entered, entered.Status == HttpStatusCode.OK && !entered.Address.AbsolutePath.StartsWith("/account/sign-in", StringComparison.Ordinal), $"{Name} to be signed in");
        var own = await _visitor.GetAsync("account", ct);
        Expect(own, own.Address.AbsolutePath == "/account", "the account's page");
        _isSignedIn = true;
    }

    private async Task SignOutAsync(CancellationToken ct)
    {
        await _visitor.PostAsync("account/sign-out", ct, Token(await _visitor.GetAsync("account", ct)));
        _isSignedIn = false;
        var page = await _visitor.GetAsync("account", ct);
        Expect(page, page.Address.AbsolutePath == "/account/sign-in", "to be signed out");
    }

    private async Task UntilAsync(Func<string, bool> isIt, string expected, CancellationToken ct)
    {
        var until = clock.GetUtcNow().AddSeconds(30);
        while (true)
        {
            var status = (await JsonAsync($"api/orders/{_order!.Value.Id}", ct))["status"]!.GetValue<string>();
            if (isIt(status)) return;
            if (clock.GetUtcNow() > until) throw new SmokeFailedException(expected, $"it is {status}");
            await Task.Delay(TimeSpan.FromMilliseconds(250), clock, ct);
        }
    }

    private async Task<JsonNode> JsonAsync(string path, CancellationToken ct)
    {
        var page = await _visitor.GetAsync(path, ct);
        Expect(page, page.Status == HttpStatusCode.OK, $"200 from /{path}");
        try
        {
            return JsonNode.Parse(page.Html) ?? throw new SmokeFailedException($"JSON from /{path}", "nothing");
        }
        catch (JsonException)
        {
            throw new SmokeFailedException($"JSON from /{path}", page.Seen);
        }
    }

    private static (string, string) Token(SmokePage page) => ("__RequestVerificationToken", page.Hidden("__RequestVerificationToken"));

    private static void Expect(SmokePage page, bool isIt, string expected)
    {
        if (!isIt) throw new SmokeFailedException(expected, page.Seen);
    }
}
