using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Flags;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Catalog;

/// <summary>How often a page view asks the database.</summary>
public sealed class QueriesPerPageTests(TestDatabase database) : IAsyncLifetime
{
    private readonly QueryCount _queries = new();
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        _queries.Dispose();
    }

    [Fact]
    public async Task Pages_of_the_catalogue_ask_nothing_and_a_new_search_little()
    {
        // Somebody with a cart: what is counted is the page itself and not the kept copy of it.
        var shopper = await _shop.AtCheckoutAsync();
        Assert.NotEqual(0, await OfAsync(shopper, "/cart"));
        foreach (var path in (string[])["/", "/products/", "/products/?page=2", "/products/?category=clothing&sort=price", "/products/?brand=Halden&stock=1", "/products/everyday-organic-tee"])
            Assert.True(await OfAsync(shopper, path) == 0, $"{path} asks the database.");

        Assert.InRange(await OfAsync(shopper, "/products/?q=wool"), 1, 3);
        Assert.InRange(await OfAsync(shopper, "/products/?q=keybord"), 1, 3);
        Assert.InRange(await OfAsync(shopper, "/products/?q=zzzqqq"), 1, 3);
        Assert.Equal(0, await OfAsync(shopper, "/products/?q=wool&sort=price"));
    }

    [Fact]
    public async Task No_page_view_asks_more_than_four_times()
    {
        var shopper = await _shop.OpenAsync("/account/register?returnUrl=/products/tern-portable-radio");
        await shopper.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "ola@example.com"), ("Password", "longer than eight"));
        await shopper.SubmitAsync("Add to cart");
        await shopper.OpenAsync("/checkout");
        await shopper.PlaceOrderAsync(email: "ola@example.com");
        var order = shopper.Uri.AbsolutePath;
        foreach (var product in (string[])["tern-portable-radio", "the-quiet-harbour", "bread-slowly"])
        {
            await shopper.OpenAsync("/products/" + product);
            await shopper.SubmitAsync("Add to cart");
        }
        foreach (var path in (string[])["/cart", "/checkout", order, "/orders", "/account"])
            Assert.True(await OfAsync(shopper, path) is > 0 and <= 4, $"{path} asks {await OfAsync(shopper, path)} times: {_queries.Last}");
        foreach (var path in (string[])["/", "/products/", "/orders/find", "/account/sign-in"])
            Assert.True(await OfAsync(shopper, path) <= 4, $"{path} asks too often: {_queries.Last}");
    }

    [Fact]
    public async Task Read_straight_from_the_database_a_page_asks_at_most_eight_times()
    {
        var shopper = await _shop.AtCheckoutAsync();
        foreach (var flag in FeatureFlags.All) _shop.Services.GetRequiredService<FeatureFlags>().Set(flag, false);
        foreach (var path in (string[])["/", "/products/", "/products/?category=clothing&sort=price&stock=1", "/products/?q=wool&brand=Halden", "/products/everyday-organic-tee", "/cart"])
            Assert.True(await OfAsync(shopper, path) is > 0 and <= 8, $"{path} asks {await OfAsync(shopper, path)} times: {_queries.Last}");
    }

    private async Task<int> OfAsync(Browser shopper, string path)
    {
        // The request carries this trace over the wire, so that what other tests ask meanwhile is not counted.
        using var view = new Activity("page view").SetIdFormat(ActivityIdFormat.W3C).Start();
        await shopper.OpenAsync(path);
        Assert.Equal(HttpStatusCode.OK, shopper.Status);
        return _queries.Of(view.TraceId);
    }

    /// <summary>Counts what the database driver sends, by the trace of the request that caused it.</summary>
    private sealed class QueryCount : IDisposable
    {
        private readonly ConcurrentDictionary<ActivityTraceId, ConcurrentQueue<Activity>> _sent = new();
        private readonly ActivityListener _listener;
        private ActivityTraceId _last;

        public QueryCount()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
                Sample = (ref _) => ActivitySamplingResult.AllData,
                ActivityStarted = activity =>
                {
                    if (activity.Source.Name == "Npgsql") _sent.GetOrAdd(activity.TraceId, _ => []).Enqueue(activity);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public string Last => string.Join("\n", Statements(_last));

        public int Of(ActivityTraceId trace) => Statements(_last = trace).Count;

        public void Dispose() => _listener.Dispose();

        // Opening a connection is told too; only what has a statement is a query.
        private List<string> Statements(ActivityTraceId trace) => _sent.TryGetValue(trace, out var sent)
            ? [.. sent.Select(a => (a.GetTagItem("db.query.text") ?? a.GetTagItem("db.statement"))?.ToString()).OfType<string>()] : [];
    }
}
