using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Flags;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Flags;

/// <summary>Switches that act on every node while it runs.</summary>
public sealed class FlagTests(TestDatabase database) : IAsyncLifetime
{
    private const string Cart = "FEATURE_FLAG_USE_SERVICE_LAYER_CART";

    private Shop _shop = null!, _twin = null!;

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database, worker: false, $"--{Cart}=false");
        _twin = await _shop.StartTwinAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _twin.DisposeAsync();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task An_admin_switches_every_node_and_each_records_how_long_it_took()
    {
        var admin = await _shop.OpenAsAdminAsync("/admin/flags");
        Assert.Contains("By the environment", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Switch Products off");
        Assert.Contains("Products is off. Each list and product page is read from the database.", admin.Text, StringComparison.Ordinal);
        await StandsAsync(_shop, FeatureFlag.Products, false);
        await StandsAsync(_twin, FeatureFlag.Products, false);
        await admin.SubmitAsync("Switch Products on");
        await StandsAsync(_shop, FeatureFlag.Products, true);
        await StandsAsync(_twin, FeatureFlag.Products, true);
        Assert.Equal(2L, await _shop.SqlAsync("SELECT count(*) FROM feature_flag_changes WHERE name = 'PRODUCTS' AND changed_by = 'admin'"));
        Assert.Contains("admin", admin.Document.QuerySelectorAll("section table tbody tr td").Select(c => c.TextContent.Trim()));

        var patience = Stopwatch.StartNew();
        while ((long)(await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'flag_propagation_s' AND metadata->>'flag' = 'PRODUCTS'"))! < 4)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(15), "Not every node has recorded both switches.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'flag_propagation_s' AND (value < 0 OR value > 60 OR NOT metadata ? 'node' OR NOT metadata ? 'on')"));
    }

    [Fact]
    public async Task The_environment_decides_only_while_no_row_stands()
    {
        await StandsAsync(_shop, FeatureFlag.Cart, false);
        await StandsAsync(_twin, FeatureFlag.Cart, true);
        // Past the store, as with psql: the table's own trigger spreads it.
        await _shop.SqlAsync("INSERT INTO feature_flags (name, is_on) VALUES ('CART', true)");
        await StandsAsync(_shop, FeatureFlag.Cart, true);
        await _shop.SqlAsync("UPDATE feature_flags SET is_on = false WHERE name = 'CART'");
        await StandsAsync(_twin, FeatureFlag.Cart, false);
        // A node that starts now begins as the table says, not as its environment does.
        await using (var late = await _shop.StartTwinAsync($"--{Cart}=true"))
            Assert.False(late.Services.GetRequiredService<FeatureFlags>().IsOn(FeatureFlag.Cart));
        await _shop.SqlAsync("DELETE FROM feature_flags");
        await StandsAsync(_twin, FeatureFlag.Cart, true);
        await StandsAsync(_shop, FeatureFlag.Cart, false);
        Assert.Equal(3L, await _shop.SqlAsync("SELECT count(*) FROM feature_flag_changes WHERE name = 'CART'"));
    }

    [Fact]
    public async Task A_switch_is_heard_of_though_the_notice_or_the_connection_was_lost()
    {
        await _shop.SqlAsync("SET session_replication_role = replica; INSERT INTO feature_flags (name, is_on) VALUES ('ORDERS', false); INSERT INTO feature_flag_changes (name, is_on, changed_at, changed_by) VALUES ('ORDERS', false, now(), 'psql')");
        await StandsAsync(_twin, FeatureFlag.Orders, false);
        const string Listening = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%feature_flag_changes%'";
        Assert.NotEqual(0L, await _shop.SqlAsync($"SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) {Listening}"));
        await _shop.SqlAsync("UPDATE feature_flags SET is_on = true WHERE name = 'ORDERS'");
        await StandsAsync(_shop, FeatureFlag.Orders, true);
        await StandsAsync(_twin, FeatureFlag.Orders, true);
    }

    [Fact]
    public async Task The_log_says_which_path_is_used_at_the_start_at_each_switch_and_for_each_list()
    {
        await _shop.OpenAsync("/products/?category=books&sort=price");
        await _shop.SqlAsync("INSERT INTO feature_flags (name, is_on) VALUES ('PRODUCTS', false)");
        await StandsAsync(_shop, FeatureFlag.Products, false);
        await _shop.OpenAsync("/products/");
        await _shop.StopAsync();
        var log = await File.ReadAllTextAsync(_shop.LogFile, TestContext.Current.CancellationToken);
        Assert.Contains("Using CatalogService (new service layer) for product listing", log, StringComparison.Ordinal);
        Assert.Contains("Using legacy implementation for product listing", log, StringComparison.Ordinal);
        Assert.Contains("Using legacy implementation for carts", log, StringComparison.Ordinal);
        Assert.Contains("Using OrderIntake (new service layer) for orders", log, StringComparison.Ordinal);
        Assert.Contains("Listed products: count=10, page=1/1", log, StringComparison.Ordinal);
    }

    internal static async Task StandsAsync(Shop shop, FeatureFlag flag, bool on)
    {
        var flags = shop.Services.GetRequiredService<FeatureFlags>();
        var patience = Stopwatch.StartNew();
        while (flags.IsOn(flag) != on)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), $"{flag} is not {(on ? "on" : "off")}.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
