using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Tests.FlashSales;
using Retail.Tests.Support;
using Retail.Web.Hosting;
using Xunit;

namespace Retail.Tests.Admin;

/// <summary>What the admin tests begin with.</summary>
internal static partial class AdminSteps
{
    /// <summary>The seeded admin's browser on this page.</summary>
    public static async Task<Browser> OpenAsAdminAsync(this Shop shop, string path)
    {
        var browser = await shop.OpenAsync("/account/sign-in");
        await browser.SubmitAsync("Sign in", ("Email", FirstStart.AdminEmail), ("Password", FirstStart.AdminPassword));
        await browser.OpenAsync(path);
        return browser;
    }

    /// <summary>An order of one radio, accepted and not yet paid; the same one each time.</summary>
    public static async Task<Guid> HasOrderAsync(this Shop shop)
    {
        var variant = (Guid)(await shop.SqlAsync("SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.slug = 'tern-portable-radio' ORDER BY v.position LIMIT 1"))!;
        var accepted = await shop.Services.GetRequiredService<OrderIntake>().PlaceAsync(new OrderRequest
        {
            IdempotencyKey = "an-order",
            Email = "mara@example.com",
            ShippingAddress = new Address { Name = "Mara Lindqvist", Line1 = "118 Orchard Lane", City = "Portland", Postcode = "97214", Country = "US" },
            ShippingMethod = "standard",
            PaymentMethod = new("pm_card_visa", "visa", "4242"),
            Lines = [new OrderRequestLine(variant, 1, null)],
        }, TestContext.Current.CancellationToken);
        return accepted.Value.Id;
    }

    /// <summary>A mail that waits to be sent; the same one each time.</summary>
    private static async Task<object?> HasMailAsync(this Shop shop) => await shop.SqlAsync("""
        INSERT INTO notifications (id, key, template, channel, recipient, subject, text, html, status, created_at)
        VALUES (gen_random_uuid(), 'a-mail', 'order-placed', 'Mail', 'mara@example.com', 'Your order', 'Thank you', '<p>Thank you</p>', 'Waiting', now())
        ON CONFLICT (key, channel, recipient) DO UPDATE SET subject = excluded.subject RETURNING id
        """);

    /// <summary>A partner with keys and categories; the same one each time.</summary>
    private static async Task<object?> HasPartnerAsync(this Shop shop) => await shop.SqlAsync("""
        INSERT INTO partners (id, name, code, contact, format, schedule, source, currency, may_change_price, may_change_stock, may_add_products, default_stock, safety_percent, is_active,
            pulled_at, pull_note, next_pull_at, created_at, updated_at, price_rule_exchange_rate, price_rule_mark_up_percent, price_rule_rounding)
        VALUES ('0195e000-0000-7000-8000-000000000001', 'Acme Supplies', 'ACME', 'feeds@acme.example', 'csv', 'Daily', 'https://acme.example/feed.csv', 'USD', true, true, true, 10, 30, true,
            now(), 'Nothing new.', now(), now(), now(), 1, 12.5, 'NinetyNine') ON CONFLICT DO NOTHING;
        INSERT INTO partner_keys (id, partner_id, hash, prefix, created_at, expires_at, revoked_at)
        SELECT gen_random_uuid(), '0195e000-0000-7000-8000-000000000001', state, 'rpk_' || state, now(), CASE WHEN state = 'ending' THEN now() + interval '1 day' END, CASE WHEN state = 'gone' THEN now() END
        FROM unnest(ARRAY['works', 'ending', 'gone']) state ON CONFLICT DO NOTHING;
        INSERT INTO partner_categories (partner_id, source, rows) VALUES ('0195e000-0000-7000-8000-000000000001', 'Home > Lamps and other things that shine in the dark', 120) ON CONFLICT DO NOTHING;
        SELECT id FROM partners WHERE code = 'ACME'
        """);

    /// <summary>A feed of that partner that waits for an admin, with a report; the same one each time.</summary>
    private static async Task<object?> HasHeldFeedAsync(this Shop shop) => await shop.SqlAsync("""
        INSERT INTO feed_runs (id, partner_id, origin, asked_by, hash, bytes, is_dry_run, status, created_at, started_at, seconds, rows, accepted, warned, rejected, new, changed, unchanged,
            missing, price_changes, on_sale_before, is_complete, peak_memory_mb, note, tries)
        VALUES ('0195e000-0000-7000-8000-000000000002', '0195e000-0000-7000-8000-000000000001', 'Api', 'Acme Supplies, from 203.0.113.9', repeat('ab', 32), 123456, false, 'Held', now(), now(), 12.3, 1000,
            980, 5, 15, 100, 400, 480, 12, 400, 900, true, 41, 'It would change the price of 400 of 900 variants, more than 30 %.', 1) ON CONFLICT DO NOTHING;
        INSERT INTO feed_issues (run_id, number, position, line, external_id, is_rejection, code, field, message)
        SELECT '0195e000-0000-7000-8000-000000000002', n, 0, n + 1, 'SKU-' || n, n % 3 > 0, CASE WHEN n % 3 > 0 THEN 'BAD_PRICE' ELSE 'NOT_YET_AVAILABLE' END, 'price', 'It is no price: write it as 12.30 or 12.30 USD, more than 0.'
        FROM generate_series(1, 130) n ON CONFLICT DO NOTHING;
        SELECT id FROM feed_runs WHERE id = '0195e000-0000-7000-8000-000000000002'
        """);

    /// <summary>A promise that was tried too often, among others in each state; the same one each time.</summary>
    public static async Task<object?> HasDeadWorkAsync(this Shop shop) => await shop.SqlAsync("""
        WITH states AS (
            INSERT INTO outbox (kind, key, status, created_at, due_at, tries, error, leased_until, leased_by, started_at, finished_at, request_id)
            SELECT 'of-the-tests', 'work-' || s.state, s.status, now() - interval '3 hours', now() + s.due, s.tries, s.error, now() + s.lease, 'a-worker', now() - interval '90 seconds', now() - interval '1 second', gen_random_uuid()::text
            FROM (VALUES ('dead', 'Dead', interval '0', 600, 'mail.example.com did not answer within 10 s.', NULL::interval), ('failed', 'Waiting', interval '4 minutes', 7, 'The gateway gave no answer yet.', NULL),
                ('waiting', 'Waiting', interval '1 hour', 0, NULL, NULL), ('running', 'Waiting', interval '0', 1, NULL, interval '10 minutes'), ('done', 'Done', interval '0', 1, NULL, NULL)) s(state, status, due, tries, error, lease)
            WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE key = 'work-dead') RETURNING id, key)
        SELECT 'p-' || id FROM (SELECT id, key FROM states UNION ALL SELECT id, key FROM outbox) work WHERE key = 'work-dead' LIMIT 1
        """);

    /// <summary>A drill that was run, with something of everything; the same one each time.</summary>
    private static async Task<object?> HasDrillAsync(this Shop shop) => await shop.SqlAsync("""
        INSERT INTO drills (id, name, status, started_at, finished_at, parameters, steps, percent, result, is_stop_asked, release, node, asked_by)
        VALUES ('11111111-1111-7111-8111-111111111111', 'flash-sale', 'Failed', now() - interval '1 hour', now() - interval '59 minutes', '{"buyers": 500, "stock": 50}',
            '[{"seconds": 0.1, "text": "Making a product"}]', 100,
            '{"figures": [{"type": "oversold_units", "value": 1, "words": "Units sold that there were not", "wanted": "= 0", "holds": false, "detail": "DRILL-1: 50 brought in, 51 sold"}], "problem": "It broke."}',
            false, '1.0.0', 'web-1:7', 'ada')
        ON CONFLICT (id) DO UPDATE SET percent = 100 RETURNING id
        """);

    /// <summary>Every admin page that there is, so that a new one can't be forgotten.</summary>
    public static async Task<List<string>> AdminAddressesAsync(this Shop shop)
    {
        var ids = new Dictionary<string, object?>
        {
            ["flash-sales"] = await shop.HasSaleAsync("glow", quantity: 5),
            ["products"] = await shop.SqlAsync("SELECT id FROM products ORDER BY name LIMIT 1"),
            ["categories"] = await shop.SqlAsync("SELECT id FROM categories ORDER BY name LIMIT 1"),
            ["orders"] = await shop.HasOrderAsync(),
            ["quality-scenarios"] = "A1",
            ["mail"] = await shop.HasMailAsync(),
            ["drills"] = await shop.HasDrillAsync(),
            ["logs"] = "01990000-0000-7000-8000-000000000000",
            ["partners"] = await shop.HasPartnerAsync(),
            ["feed-runs"] = await shop.HasHeldFeedAsync(),
            ["alerts"] = "stock-conflicts",
            ["jobs"] = await shop.HasDeadWorkAsync(),
        };
        var addresses = new List<string>();
        foreach (var endpoint in shop.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not { AreaName: "Admin" }) continue;
            var route = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            var id = ids.GetValueOrDefault(route.Split('/').ElementAtOrDefault(2) ?? "");
            var address = AnyId().Replace(route, $"{id}");
            Assert.DoesNotContain('{', address);
            addresses.Add(address);
            if (route.EndsWith("{id}", StringComparison.Ordinal)) addresses.Add(route.Replace("{id}", "new", StringComparison.Ordinal));
        }
        Assert.True(addresses.Count >= 9, $"Only {addresses.Count} admin pages were found.");
        return addresses;
    }

    // {id} has a "new" beside it, {id:guid} and others have not.
    [GeneratedRegex(@"\{id(:[^/]*)?\}")]
    private static partial Regex AnyId();
}
