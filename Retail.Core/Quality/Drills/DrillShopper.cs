using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Retail.Core.Quality.Drills;

/// <summary>A page or an answer as a made-up shopper got it, after redirects.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Path">Where it was found in the end.</param>
/// <param name="Text">Its body.</param>
/// <param name="RetryAfter">What Retry-After said; null when nothing.</param>
/// <param name="Elapsed">From asking to the last byte.</param>
public sealed record DrillAnswer(HttpStatusCode Status, string Path, string Text, TimeSpan? RetryAfter, TimeSpan Elapsed)
{
    /// <summary>The code of a refusal of the API; empty when it is none.</summary>
    public string Code => Text.StartsWith('{') && JsonDocument.Parse(Text).RootElement.TryGetProperty("code", out var code) ? code.GetString() ?? "" : "";
}

/// <summary>A made-up shopper with a browser of sorts: keeps cookies, follows redirects, fills in the checkout.</summary>
public sealed partial class DrillShopper(DrillStore store, string name, Uri? node)
{
    private const string Card = "4242424242424242";

    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>Where mail would go.</summary>
    public string Email => store.MailOf(name);

    /// <summary>Makes an account and stays signed in with it.</summary>
    public async Task RegisterAsync(CancellationToken ct)
    {
        var form = await OpenAsync("/account/register", ct);
        var token = Token().Match(form.Text) is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : "";
        var made = await SendAsync(HttpMethod.Post, "/account/register", () => new FormUrlEncodedContent(
            [new("Name", "Drill Customer"), new("Email", Email), new("Password", $"Drill-{store.DrillId:N}"), new("__RequestVerificationToken", token)]), ct);
        if (made.Status != HttpStatusCode.OK || made.Path == "/account/register") throw new DrillBrokenException($"The store made no account for the drill's customer ({(int)made.Status}).");
    }

    /// <summary>Puts this shopper's cookies on a request, as a browser would.</summary>
    public void Sign(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_cookies)
            if (_cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")));
    }

    /// <summary>Opens a page.</summary>
    public Task<DrillAnswer> OpenAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Get, path, null, ct);

    /// <summary>Buys a flash item in one request.</summary>
    /// <param name="sku">What.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="paymentMethod">The gateway's token.</param>
    /// <param name="ct">Stops the waiting.</param>
    /// <param name="quantity">Units.</param>
    /// <param name="countedApart">Its attempts are counted for this shopper; otherwise as those of any stranger.</param>
    public Task<DrillAnswer> BuyFlashAsync(string sku, string key, string paymentMethod, CancellationToken ct, int quantity = 1, bool countedApart = true) =>
        BuyFlashAsAsync(Email, sku, key, paymentMethod, ct, quantity, countedApart);

    /// <summary>The same in another shopper's name.</summary>
    public Task<DrillAnswer> BuyFlashAsAsync(string email, string sku, string key, string paymentMethod, CancellationToken ct, int quantity = 1, bool countedApart = true) =>
        SendAsync(HttpMethod.Post, "/cart/flash-checkout/", () => JsonContent.Create(new
        {
            sku,
            quantity,
            email,
            shippingMethod = "standard",
            paymentMethod,
            shippingAddress = new { name = "Drill Buyer", line1 = "1 Drill Street", city = "Drillham", postcode = "00000", country = "US" },
        }), ct, countedApart, ("X-Idempotency-Key", key));

    /// <summary>Puts a variant into the cart.</summary>
    public async Task FillCartAsync(Guid variantId, CancellationToken ct)
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/cart", () => JsonContent.Create(new { variantId, quantity = 1 }), ct);
        if (answer.Status != HttpStatusCode.OK) throw new DrillBrokenException($"The cart refused the drill's own product ({(int)answer.Status} {answer.Code}).");
    }

    /// <summary>Units in the cart, as its page tells.</summary>
    public async Task<int> CartUnitsAsync(CancellationToken ct) =>
        JsonDocument.Parse((await SendAsync(HttpMethod.Get, "/api/cart", null, ct)).Text).RootElement.GetProperty("units").GetInt32();

    /// <summary>Opens the checkout and fills it in; the answer may be sent any number of times.</summary>
    public async Task<IReadOnlyList<KeyValuePair<string, string>>> FillCheckoutAsync(CancellationToken ct)
    {
        var page = await OpenAsync("/checkout", ct);
        if (page.Status != HttpStatusCode.OK || page.Path != "/checkout") throw new DrillBrokenException($"The checkout did not open ({(int)page.Status}, {page.Path}).");
        var hidden = HiddenFields().Matches(page.Text).Where(m => m.Groups[1].Value is "CheckoutKey" or "CartSeen")
            .Select(m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value)));
        return
        [
            .. hidden, new("Input.Email", Email), new("Input.Phone", ""), new("Input.Name", "Drill Buyer"), new("Input.Line1", "1 Drill Street"), new("Input.Line2", ""),
            new("Input.Postcode", "00000"), new("Input.City", "Drillham"), new("Input.Region", ""), new("Input.Country", "US"), new("Input.ShippingMethod", "standard"),
            new("Card.Number", Card), new("Card.Expiry", "12 / 39"), new("Card.SecurityCode", "123"), new("Card.Name", "Drill Buyer"),
        ];
    }

    /// <summary>Presses the checkout's button.</summary>
    public Task<DrillAnswer> PlaceAsync(IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, "/checkout", () => new FormUrlEncodedContent(form), ct);

    /// <summary>Sends a request with the shopper's cookies and follows where it leads.</summary>
    public async Task<DrillAnswer> SendAsync(
        HttpMethod method, string path, Func<HttpContent>? content, CancellationToken ct, bool countedApart = true, params (string Name, string Value)[] headers)
    {
        var began = TimeProvider.System.GetTimestamp();
        var address = new Uri(node ?? store.NextNode(), path);
        for (var hops = 0; ; hops++)
        {
            using var request = new HttpRequestMessage(method, address) { Content = content?.Invoke() };
            foreach (var (header, value) in headers) request.Headers.Add(header, value);
            Sign(request);
            using var answer = await store.SendAsync(request, countedApart ? name : null, ct);
            Keep(answer);
            if (answer.Headers.Location is { } next && (int)answer.StatusCode is 301 or 302 or 303 && hops < 5)
            {
                (method, content, address) = (HttpMethod.Get, null, new Uri(address, answer.Headers.Location));
                continue;
            }
            var text = await answer.Content.ReadAsStringAsync(ct);
            return new(answer.StatusCode, address.AbsolutePath, text, answer.Headers.RetryAfter?.Delta, TimeProvider.System.GetElapsedTime(began));
        }
    }

    private void Keep(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Set-Cookie", out var set)) return;
        lock (_cookies)
            foreach (var cookie in set)
                if (cookie.Split(';', 2)[0].Split('=', 2) is [var cookieName, var value])
                {
                    if (value.Length == 0) _cookies.Remove(cookieName);
                    else _cookies[cookieName] = value;
                }
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"(\\w+)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenFields();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]* value=\"([^\"]*)\"")]
    private static partial Regex Token();
}
