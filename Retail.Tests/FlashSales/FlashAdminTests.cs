using System.Globalization;
using System.Net;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.FlashSales;

/// <summary>Flash sales as admins make, change and end them.</summary>
public sealed class FlashAdminTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database, worker: true);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task An_admin_makes_a_sale_changes_it_and_ends_it_early()
    {
        var (sku, slug) = (await TextAsync("v.sku"), await TextAsync("p.slug"));
        var admin = await _shop.OpenAsAdminAsync("/admin/flash-sales");
        Assert.Contains("No flash sale yet", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/flash-sales/new");
        await admin.SubmitAsync("Save", ("Sku", "NOTHING"), ("Price", "1.50"), ("Quantity", "20"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, admin.Status);
        Assert.Contains("No variant has this SKU", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Save", ("Sku", sku), ("Price", "1.50"), ("Quantity", "20"), ("StartsAt", Minute(-60)), ("EndsAt", Minute(60)));
        Assert.Equal("/admin/flash-sales", admin.Uri.AbsolutePath);
        Assert.Contains("Running", admin.Text, StringComparison.Ordinal);
        Assert.Contains("0 of 20", admin.Text, StringComparison.Ordinal);
        Assert.Contains("$1.50", (await _shop.OpenAsync($"/products/{slug}?variant={sku}")).Text, StringComparison.Ordinal);

        await admin.OpenAsync(admin.Document.QuerySelector("table.list a")!.GetAttribute("href")!);
        await admin.SubmitAsync("Save", ("Quantity", "30"));
        Assert.Contains("0 of 30", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync(admin.Document.QuerySelector("table.list a")!.GetAttribute("href")!);
        await admin.SubmitAsync("End it now");
        Assert.Contains("Over", admin.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("$1.50", (await _shop.OpenAsync($"/products/{slug}?variant={sku}")).Text, StringComparison.Ordinal);
    }

    private static string Minute(int away) => DateTime.UnixEpoch.Add(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).AddMinutes(away).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    private async Task<string> TextAsync(string column) =>
        (string)(await _shop.SqlAsync($"SELECT {column} FROM variants v JOIN products p ON p.id = v.product_id JOIN stock_items s ON s.variant_id = v.id WHERE p.status = 'Published' AND s.on_hand > 5 ORDER BY v.sku LIMIT 1"))!;
}
