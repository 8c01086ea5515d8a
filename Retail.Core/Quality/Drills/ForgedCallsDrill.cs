using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Scenarios.Code;

namespace Retail.Core.Quality.Drills;

/// <summary>Calls in other people's names: from another site, without the right, with false keys and signatures.</summary>
public sealed partial class ForgedCallsDrill(DrillGoods goods, DrillBooks books, NpgsqlDataSource database, IOptions<PaymentsOptions> payments, IOptions<DrillsOptions> options, TimeProvider clock) : IDrill
{
    private const string Nobody = "01990000-0000-7000-8000-00000000dead", Evil = "https://evil.example", Webhook = "/payments/webhook", Upload = "/api/partner/upload-feed/";

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("forged-calls", "Forged calls",
        "Every unsafe endpoint is called from another site, every protected one without the right to it, partner calls and payment news come with false keys and signatures. All must be refused, no row may change, and every refusal must help.");

    private readonly HashSet<string> _messages = [];

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        await stage.SayAsync("Making a product, a customer and a paid order that the forgeries are about", 5);
        var order = await BuyAsync(stage, ct);
        var customer = stage.Store.Shopper("customer");
        await customer.RegisterAsync(ct);
        var routes = new List<DrillRoute>();
        // The gateway's stand-in is no part of the store, and the webhook has a proof of its own, tried below.
        foreach (var node in stage.Store.Nodes)
            routes = [.. routes.Union((await stage.Store.RoutesAsync(node, ct)).Where(r => r.Path != Webhook && !r.Path.StartsWith("/simulator", StringComparison.Ordinal)))];
        var before = await SnapshotAsync(order, ct);

        var unsafeRoutes = routes.Where(r => r.Method is not ("GET" or "HEAD" or "OPTIONS" or "TRACE")).ToList();
        await stage.SayAsync($"Calling {unsafeRoutes.Count} endpoints that change something, from another site, with a signed-in customer's cookies", 20);
        await ForgeAsync(stage, customer, unsafeRoutes, ct);

        var guarded = routes.Where(r => r.Needs != DrillRouteNeeds.Anybody).ToList();
        await stage.SayAsync($"Asking for {guarded.Count} protected routes as a stranger, and for those of admins as a customer", 45);
        await EnterAsync(stage, customer, guarded, ct);

        await stage.SayAsync("Sending feeds with false keys, and payment news with false signatures", 70);
        await PretendAsync(stage, order, ct);

        await stage.SayAsync("Asking for what can't be done, and reading what is said to it", 85);
        await ProvokeAsync(stage, customer, ct);
        var changed = Differences(before, await SnapshotAsync(order, ct));
        stage.Figure(MetricTypes.ForgedRowsChanged, changed.Count, "Rows that differ after all that", Wanted.Zero, changed.Count == 0 ? null : string.Join(", ", changed));
        var unhelpful = _messages.Select(m => (Text: m, Fault: Refusals.Fault(m))).Where(m => m.Fault is not null).ToList();
        stage.Figure(MetricTypes.ErrorMessagesRead, _messages.Count, "Different refusals that were read", Wanted.AtLeast(10));
        stage.Figure(MetricTypes.ErrorMessagesUnhelpful, unhelpful.Count, "Of them without advice, or with more than 50 words", Wanted.Zero,
            unhelpful.Count == 0 ? null : string.Join("; ", unhelpful.Take(3).Select(m => $"“{m.Text}” {m.Fault}")));
    }

    private async Task ForgeAsync(DrillStage stage, DrillShopper customer, List<DrillRoute> routes, CancellationToken ct)
    {
        var accepted = new List<string>();
        foreach (var route in routes)
        {
            using var request = To(stage, route);
            request.Content = Nothing(route);
            request.Headers.Add("Origin", Evil);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            customer.Sign(request);
            using var answer = await stage.Store.SendAsync(request, "forger", ct);
            await ReadAsync(answer, ct);
            // Anything else has been listened to: a redirect, an error about the content, even "not found".
            if (answer.StatusCode != HttpStatusCode.Forbidden) accepted.Add($"{route.Method} {route.Path}: {(int)answer.StatusCode}");
        }
        stage.Figure(MetricTypes.ForgedUnsafeTried, routes.Count, "Unsafe endpoints called from another site", Wanted.AtLeast(20));
        stage.Figure(MetricTypes.ForgedUnsafeAccepted, accepted.Count, "Of them listened to", Wanted.Zero, Some(accepted));
    }

    private async Task EnterAsync(DrillStage stage, DrillShopper customer, List<DrillRoute> routes, CancellationToken ct)
    {
        var (open, tried) = (new List<string>(), 0);
        foreach (var route in routes)
            foreach (var who in new[] { "stranger", "customer" })
            {
                if (who == "customer" && route.Needs != DrillRouteNeeds.Staff) continue;
                using var request = To(stage, route);
                if (request.Method != HttpMethod.Get) request.Content = Nothing(route);
                if (who == "customer") customer.Sign(request);
                using var answer = await stage.Store.SendAsync(request, null, ct);
                await ReadAsync(answer, ct);
                tried++;
                if (!IsShut(answer)) open.Add($"{route.Method} {route.Path}: {(int)answer.StatusCode} for a {who}");
            }
        stage.Figure(MetricTypes.ProtectedRoutesTried, tried, "Times somebody without the right asked for a protected route", Wanted.AtLeast(20));
        stage.Figure(MetricTypes.ProtectedRoutesOpen, open.Count, "Of them open", Wanted.Zero, Some(open));
    }

    private static bool IsShut(HttpResponseMessage answer) => answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        || (answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.SeeOther && answer.Headers.Location?.ToString().Contains("/account/sign-in", StringComparison.Ordinal) is true);

    // A feed that would bring a product, and news that would make the paid order a refunded one.
    private async Task PretendAsync(DrillStage stage, DrillForgery order, CancellationToken ct)
    {
        var (accepted, tried) = (new List<string>(), 0);
        foreach (var key in new[] { null, "wrong", $"rpk_{new string('A', 43)}", $"rpk_{RandomNumberGenerator.GetHexString(43)}" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(stage.Store.NextNode(), Upload)) { Content = new StringContent(order.Feed, Encoding.UTF8, "text/csv") };
            if (key is not null) request.Headers.Add("X-API-Key", key);
            await TryAsync(request, $"feed with {(key is null ? "no key" : "a false key")}");
        }
        var now = clock.GetUtcNow();
        var news = JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = $"evt_{order.Mark}",
            @object = "event",
            type = "payment_intent.payment_failed",
            created = now.ToUnixTimeSeconds(),
            data = new { @object = new { id = order.Payment, @object = "payment_intent", status = "requires_payment_method", metadata = new { order_id = order.OrderId } } },
        });
        var secret = payments.Value.WebhookSecret;
        (string Words, string? Signature)[] signatures =
        [
            ("no signature", null), ("a signature that is none", "t=1,v1=00"), ("another secret's signature", WebhookSignature.Sign(news, "whsec_not_the_one", now)),
            ("an old signature", WebhookSignature.Sign(news, secret, now - WebhookSignature.Tolerance - TimeSpan.FromMinutes(1))),
            ("the signature of something else", WebhookSignature.Sign("{}"u8, secret, now)), ("a signature of the time to come", WebhookSignature.Sign(news, secret, now + WebhookSignature.Tolerance + TimeSpan.FromMinutes(1))),
        ];
        foreach (var (words, signature) in signatures)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(stage.Store.NextNode(), Webhook)) { Content = new ByteArrayContent(news) };
            if (signature is not null) request.Headers.Add(WebhookSignature.Header, signature);
            await TryAsync(request, $"payment news with {words}");
        }
        stage.Figure(MetricTypes.ForgedPartnerTried, tried, "Feeds and payment news with false keys and signatures", Wanted.AtLeast(10));
        stage.Figure(MetricTypes.ForgedPartnerAccepted, accepted.Count, "Of them accepted", Wanted.Zero, Some(accepted));

        async Task TryAsync(HttpRequestMessage request, string words)
        {
            using var answer = await stage.Store.SendAsStrangerAsync(request, ct);
            await ReadAsync(answer, ct);
            tried++;
            if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.TooManyRequests)) accepted.Add($"{words}: {(int)answer.StatusCode}");
        }
    }

    private async Task ProvokeAsync(DrillStage stage, DrillShopper customer, CancellationToken ct)
    {
        var product = goods.Latest ?? throw new InvalidOperationException("A product was made.");
        var address = new { name = "Drill Buyer", line1 = "1 Drill Street", city = "Drillham", postcode = "00000", country = "US" };
        object Order(object lines, string shipping = "standard", string payment = "pm_card_visa") => new { lines, email = customer.Email, shippingAddress = address, shippingMethod = shipping, paymentMethod = payment };
        object[] One(Guid variantId, int quantity) => [new { variantId, quantity }];
        (HttpMethod Method, string Path, object? Body)[] wishes =
        [
            (HttpMethod.Post, "/api/cart", new { variantId = Nobody, quantity = 1 }), (HttpMethod.Post, "/api/cart", new { variantId = product.VariantId, quantity = 0 }),
            (HttpMethod.Post, "/api/cart", new { variantId = product.VariantId, quantity = 100_000 }), (HttpMethod.Get, "/api/products/there-is-no-such-thing", null),
            (HttpMethod.Post, "/api/auth/token", new { userName = "nobody", password = "wrong" }), (HttpMethod.Get, $"/api/orders/{Nobody}", null),
            (HttpMethod.Post, "/api/orders", Order(Array.Empty<object>())), (HttpMethod.Post, "/api/orders", Order(One(Guid.Parse(Nobody), 1))), (HttpMethod.Post, "/api/orders", Order(One(product.VariantId, 0))),
            (HttpMethod.Post, "/api/orders", Order(One(product.VariantId, 99))), (HttpMethod.Post, "/api/orders", Order(One(product.VariantId, 1), shipping: "by-pigeon")),
            (HttpMethod.Post, "/api/orders", Order(One(product.VariantId, 1), payment: "4242")),
        ];
        foreach (var (method, path, body) in wishes)
            Keep((await customer.SendAsync(method, path, body is null ? null : () => JsonContent.Create(body), ct, countedApart: true, ("Accept", "application/json"), ("Idempotency-Key", "provoked"))).Text);
        foreach (var (sku, key, payment, quantity) in new[]
        {
            ("NO-SUCH-SKU", "k", "pm_card_visa", 1), (product.Sku, "", "pm_card_visa", 1), (product.Sku, "k2", "4242", 1), (product.Sku, "k3", "pm_card_visa", 0), (product.Sku, "k4", "pm_card_visa", 99),
            (product.Sku, "k5", "pm_card_visa", 100_000),
        })
            Keep((await customer.BuyFlashAsync(sku, key, payment, ct, quantity)).Text);
    }

    private async Task ReadAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if ((int)answer.StatusCode >= 400 && answer.Content.Headers.ContentType?.MediaType is "application/problem+json" or "text/plain") Keep(await answer.Content.ReadAsStringAsync(ct));
    }

    // What people read of a refusal: its detail, or a plain sentence.
    private void Keep(string text)
    {
        if (text.StartsWith('{'))
        {
            using var problem = JsonDocument.Parse(text);
            if (problem.RootElement.TryGetProperty("detail", out var detail) && detail.GetString() is { Length: > 0 } words) _messages.Add(words);
        }
        else if (text.Length is > 0 and < 1000 && !text.StartsWith('<')) _messages.Add(text);
    }

    private async Task<DrillForgery> BuyAsync(DrillStage stage, CancellationToken ct)
    {
        var product = await goods.MakeAsync(stage, 200, ct);
        await goods.PutOnFlashSaleAsync(stage, product, limitPerCustomer: 5, ct);
        var bought = await stage.Store.Shopper("victim").BuyFlashAsync(product.Sku, "victim", options.Value.PaymentMethod, ct);
        if (bought.Status != HttpStatusCode.Accepted) throw new DrillBrokenException($"The drill's order was refused ({(int)bought.Status} {bought.Code}).");
        await stage.WaitAsync(async () => (await books.OrdersAsync(stage, ct)).Paid == 1, TimeSpan.FromMinutes(2), "The drill's order was not paid within two minutes. Look whether the gateway answers.", ct);
        var order = (await books.OrderIdsAsync(stage, ct))[0];
        await using var find = database.CreateCommand("SELECT gateway_id FROM payments WHERE order_id = $1 AND gateway_id IS NOT NULL LIMIT 1");
        find.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order });
        return new(order, await find.ExecuteScalarAsync(ct) as string ?? "pi_none", $"drill{stage.Id:N}"[..20]);
    }

    // What the forgeries are about, row by row; real shoppers' rows are none of the drill's business.
    private async Task<Dictionary<string, string>> SnapshotAsync(DrillForgery order, CancellationToken ct)
    {
        var rows = new Dictionary<string, string>();
        await using var command = database.CreateCommand("""
            SELECT 'order ' || o.id, md5(o::text) FROM orders o WHERE id = $1
            UNION ALL SELECT 'payment ' || p.id, md5(p::text) FROM payments p WHERE order_id = $1
            UNION ALL SELECT 'lines of ' || l.order_id, md5(string_agg(l::text, '' ORDER BY l::text)) FROM order_lines l WHERE order_id = $1 GROUP BY l.order_id
            UNION ALL SELECT 'refund ' || r.id, md5(r::text) FROM refunds r WHERE order_id = $1
            UNION ALL SELECT 'news ' || e.id, '' FROM payment_events e WHERE e.id = 'evt_' || $2
            UNION ALL SELECT 'feed run ' || f.id, '' FROM feed_runs f WHERE f.hash = $3
            UNION ALL SELECT 'partner item ' || i.external_id, '' FROM partner_items i WHERE i.external_id = $2
            UNION ALL SELECT 'right of ' || u.user_id, u.role_id::text FROM customer_roles u JOIN customers c ON c.id = u.user_id WHERE c.email LIKE '%.drill.invalid'
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.OrderId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = order.Mark });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(order.Feed))) });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) rows[reader.GetString(0)] = reader.GetString(1);
        return rows;
    }

    private static List<string> Differences(Dictionary<string, string> before, Dictionary<string, string> after) =>
        [.. before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))];

    private static HttpRequestMessage To(DrillStage stage, DrillRoute route) => new(new HttpMethod(route.Method), new Uri(stage.Store.NextNode(), Places().Replace(route.Path, place =>
        place.Value.Contains(":guid", StringComparison.Ordinal) ? Nobody : place.Value.Contains(":int", StringComparison.Ordinal) || place.Value.Contains(":long", StringComparison.Ordinal) ? "1" : "x")));

    // Programs are asked in JSON, pages with a form; otherwise routing refuses before anybody asks who it is.
    private static HttpContent Nothing(DrillRoute route) => route.Path.StartsWith("/api/", StringComparison.Ordinal) ? JsonContent.Create(new { }) : new FormUrlEncodedContent([]);

    private static string? Some(List<string> list) => list.Count == 0 ? null : string.Join(", ", list.Take(5));

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Places();

    /// <param name="OrderId">A paid order, of which false news tells.</param>
    /// <param name="Payment">Its payment at the gateway.</param>
    /// <param name="Mark">Names what a forgery would bring in.</param>
    private sealed record DrillForgery(Guid OrderId, string Payment, string Mark)
    {
        public string Feed => $"id,title,price\n{Mark},Forged,1.00 USD\n";
    }
}
