using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Retail.Core.Catalog;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Sampling;
using Retail.Core.Quality.Measures;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>What a store writes down while shoppers, strangers and drills use it.</summary>
public sealed class StoreMetricsTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Carts_left_behind_and_checkouts_completed_are_shares_of_those_that_there_were()
    {
        await (await _shop.AtCheckoutAsync()).PlaceOrderAsync();
        await _shop.AtCheckoutAsync();                                                   // comes to the checkout, and leaves
        await (await _shop.OpenAsync("/products/tern-portable-radio")).SubmitAsync("Add to cart");   // never comes there
        await _shop.SqlAsync("UPDATE carts SET updated_at = updated_at - interval '2 hours'");
        await (await _shop.OpenAsync("/products/tern-portable-radio")).SubmitAsync("Add to cart");   // still shops
        while (await _shop.CountAsync("metric WHERE type = 'checkout_started'") < 2) await Task.Delay(100, TestContext.Current.CancellationToken);

        var figures = _shop.Services.GetRequiredService<DailyFigures>();
        for (var time = 0; time < 2; time++) await figures.RunAsync(TestContext.Current.CancellationToken);   // counted anew, not added
        Assert.Equal("2 of 3", await ShareAsync("cart_abandonment"));
        Assert.Equal("1 of 2", await ShareAsync("checkout_conversion"));
    }

    // Two hours ago may have been yesterday.
    private async Task<object?> ShareAsync(string type) =>
        await _shop.SqlAsync($"SELECT sum((sums->>'part')::int) || ' of ' || sum((sums->>'of')::int) FROM metric_rollup WHERE span = 'Day' AND type = '{type}'");

    [Fact]
    public async Task Every_fact_has_its_row_with_what_it_is_a_part_of()
    {
        var shopper = await _shop.AtCheckoutAsync();
        await shopper.OpenAsync("/cart");
        await shopper.OpenAsync("/products/?q=radio");
        await shopper.OpenAsync("/products/?q=zzzqqq");
        for (var i = 0; i < 3; i++) await shopper.OpenAsync("/products/");
        await shopper.OpenAsync("/account/sign-in");
        await shopper.SubmitAsync("Sign in", ("Email", "admin@example.com"), ("Password", "wrong"));
        await shopper.SubmitAsync("Sign in", ("Email", "nobody@example.com"), ("Password", "wrong"));
        await shopper.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.BaseAddress, "/api/auth/token")) { Content = new StringContent("""{"userName":"admin","password":"no"}""", null, "application/json") });
        await shopper.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.BaseAddress, "/payments/webhook")) { Content = new StringContent("{}") });
        var drill = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await DrillAsync(shopper, _shop.Services.GetRequiredService<DrillPass>().For(drill));
        await DrillAsync(shopper, "forged");
        await _shop.StopAsync();

        Assert.True(await NumberAsync("sum((metadata->>'queries')::int)", "http_requests", "metadata->>'route' = '/cart' AND metadata->>'method' = 'GET'") >= 1);
        Assert.True(await NumberAsync("max((metadata->>'queries_max')::int)", "http_requests", "metadata->>'route' = '/cart'") >= 1);
        // The searches' at least; a page that finds the node still reading has some of its own (QueriesPerPageTests holds the limits).
        Assert.InRange(await NumberAsync("sum((metadata->>'queries')::int)", "http_requests", "metadata->>'route' = '/products'"), 2, 20);
        Assert.True(await NumberAsync("sum((metadata->>'hits')::int)", "read_model", "NOT metadata ? 'drill_id'") >= 3);
        Assert.Equal(2, await NumberAsync("sum((metadata->>'total')::int - (metadata->>'hits')::int)", "read_model"));   // the two searches
        Assert.Equal((1, 2), (await NumberAsync("sum(value)", "search_without_result"), await NumberAsync("sum((metadata->>'total')::int)", "search_without_result")));
        Assert.Equal(2, await NumberAsync("sum(value)", "sign_in_failed", "metadata->>'reason' = 'wrong_password'"));
        Assert.Equal(1, await NumberAsync("sum(value)", "sign_in_failed", "metadata->>'reason' = 'no_account'"));
        Assert.Equal(1, await NumberAsync("sum(value)", "auth_rejected", "metadata->>'route' = '/api/auth/token'"));
        Assert.Equal(1, await NumberAsync("sum(value)", "webhook_rejected"));
        Assert.Equal(1, await NumberAsync("count(DISTINCT metadata->>'cart_id')", "checkout_started"));
        Assert.True(await NumberAsync("sum(value)", "service_call", "metadata->>'method' = 'CartService.Add'") >= 1);
        Assert.Equal(1, await NumberAsync("count(*)", "http_error", "value = 401 AND metadata->>'route' = '/api/auth/token' AND length(metadata->>'request_id') = 36"));
        Assert.Equal(1, await NumberAsync("count(*)", "startup_s", "value > 0 AND metadata->>'role' = 'web'"));
        Assert.True(await NumberAsync("sum(value)", "catalog_products") >= 10);
        Assert.True(await NumberAsync("count(*)", "node_seen", "(metadata->>'memory_mb')::float > 10 AND (metadata->>'disk_free_percent')::float > 0") >= 1);
        Assert.True(await NumberAsync("max((metadata->>'max')::int)", "pool_in_use") >= 1);
        Assert.Equal(1, await NumberAsync("sum(value)", "http_requests", $"metadata->>'drill_id' = '{drill}' AND metadata->>'route' = '/orders/find'"));
        Assert.Equal(1, await NumberAsync("sum(value)", "http_requests", "NOT metadata ? 'drill_id' AND metadata->>'route' = '/orders/find'"));
    }

    [Fact]
    public async Task The_number_of_products_is_written_again_as_soon_as_it_is_another()
    {
        var (model, sampler) = (_shop.Services.GetRequiredService<CatalogModel>(), _shop.Services.GetServices<IHostedService>().OfType<MetricSampler>().Single());
        await HasProductsAsync(10);
        sampler.RecordAll();
        sampler.RecordAll();
        await _shop.SqlAsync("UPDATE products SET status = 'Archived' WHERE slug = 'tern-portable-radio'");
        await HasProductsAsync(9);
        sampler.RecordAll();
        await _shop.StopAsync();
        Assert.Equal("10 9", await _shop.SqlAsync("SELECT string_agg(value::text, ' ' ORDER BY id) FROM metric WHERE type = 'catalog_products'"));

        async Task HasProductsAsync(int number)
        {
            while (model.Size != number) await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task DrillAsync(Browser browser, string pass)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_shop.BaseAddress, "/orders/find"));
        request.Headers.Add(DrillPass.Header, pass);
        await browser.SendAsync(request);
    }

    private async Task<double> NumberAsync(string what, string type, string where = "true") =>
        Convert.ToDouble(await _shop.SqlAsync($"SELECT coalesce({what}, 0)::float8 FROM metric WHERE type = '{type}' AND {where}"), CultureInfo.InvariantCulture);
}
