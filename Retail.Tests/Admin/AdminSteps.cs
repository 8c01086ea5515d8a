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
            ["mail"] = await shop.HasMailAsync(),
            ["drills"] = await shop.HasDrillAsync(),
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
