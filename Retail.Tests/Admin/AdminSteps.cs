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

    /// <summary>Every admin page that there is, so that a new one can't be forgotten.</summary>
    public static async Task<List<string>> AdminAddressesAsync(this Shop shop)
    {
        var ids = new Dictionary<string, object?>
        {
            ["flash-sales"] = await shop.HasSaleAsync("glow", quantity: 5),
            ["products"] = await shop.SqlAsync("SELECT id FROM products ORDER BY name LIMIT 1"),
            ["categories"] = await shop.SqlAsync("SELECT id FROM categories ORDER BY name LIMIT 1"),
            ["orders"] = await shop.HasOrderAsync(),
            ["mail"] = await shop.HasMailAsync(),
            ["jobs"] = await shop.HasDeadWorkAsync(),
            ["logs"] = "01990000-0000-7000-8000-000000000000",
            ["alerts"] = "stock-conflicts",
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
