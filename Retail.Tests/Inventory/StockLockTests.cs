using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Core.Inventory;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Inventory;

/// <summary>Whoever changes stock takes the rows in the same order, so that nobody waits in a circle.</summary>
public sealed class StockLockTests(TestDatabase database) : IAsyncLifetime
{
    private CoreHost _store = null!;

    public async ValueTask InitializeAsync() => _store = await CoreHost.StartAsync(database);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task The_product_editor_and_the_sale_never_lock_each_other_out()
    {
        await _store.HasProductAsync("Shelf", 1);   // makes the category
        var shelf = await _store.QueryAsync<Guid>("SELECT category_id FROM products");
        var made = await SaveAsync(Draft(null, shelf, [null, null, null, null]));
        var variants = await _store.QueryAsync<Guid[]>($"SELECT array_agg(id ORDER BY id) FROM variants WHERE product_id = '{made}'");

        var selling = Task.WhenAll(Enumerable.Range(0, 300).Select(i => _store.Intake.PlaceAsync(AdmissionTests.Order($"k{i}", [.. variants.Select(v => (v, 1))]), CancellationToken.None)));
        // The form lists the variants the other way round.
        for (var edit = 0; edit < 30; edit++) await SaveAsync(Draft(made, shelf, [.. variants.Reverse().Select(v => (Guid?)v)], shown: 0));
        Assert.All(await selling, a => Assert.True(a.Ok, a.Error?.Message));

        await Task.Delay(1100, TestContext.Current.CancellationToken);   // a connection reports what happened to it once a second
        Assert.Equal(0L, await _store.QueryAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
        Assert.Empty(await OrderBooks.FaultsAsync(_store.ConnectionString));
        Assert.Equal(4 * (1000 + 30), await _store.QueryAsync<int>($"SELECT sum(on_hand)::int FROM stock_items WHERE variant_id = ANY('{{{string.Join(',', variants)}}}')"));
    }

    // One unit more of each, as an admin counts them.
    private static ProductDraft Draft(Guid? id, Guid shelf, Guid?[] variants, int? shown = null) => new()
    {
        Id = id,
        Name = "Shoe",
        CategoryId = shelf,
        Status = ProductStatus.Published,
        OptionNames = ["Size"],
        Variants = [.. variants.Select((variant, i) => new VariantDraft { Id = variant, Sku = $"SHOE-{variant?.ToString() ?? i.ToString(System.Globalization.CultureInfo.InvariantCulture)}", Options = [$"{i}"], Price = 5m, Stock = shown is null ? 1000 : 1, StockShown = shown })],
    };

    private async Task<Guid> SaveAsync(ProductDraft draft)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        var saved = await scope.ServiceProvider.GetRequiredService<ProductEditor>().SaveAsync(draft, "ada", CancellationToken.None);
        Assert.True(saved.Ok, saved.Error?.Message);
        return saved.Value.Id;
    }
}
