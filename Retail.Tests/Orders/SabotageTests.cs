using Npgsql;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>
/// The proofs can fail: what protects the stock and the keys is taken away one by one, in a database of its own, and the same
/// crowd and the same check as in <see cref="AdmissionTests"/> then report it.
/// </summary>
public sealed class SabotageTests(TestDatabase database) : IAsyncLifetime
{
    private const string RowLock = "ORDER BY variant_id FOR NO KEY UPDATE";
    private const string DropCheck = "ALTER TABLE stock_items DROP CONSTRAINT ck_stock_items_reserved", DropUnique = "DROP INDEX ix_orders_idempotency_key";
    private const int Sales = 12, Stock = 25, Buyers = 100;

    private CoreHost _store = null!;

    public async ValueTask InitializeAsync() => _store = await CoreHost.StartAsync(database);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task With_everything_in_place_the_same_crowd_finds_no_fault()
    {
        Assert.Empty(await SellAsync(RowLock + " and nothing else"));
        Assert.Empty(await ReuseKeysAsync());
    }

    [Fact]
    public async Task Without_the_row_lock_the_check_has_to_stop_it_and_that_is_reported()
    {
        var faults = await SellAsync(RowLock);
        Assert.Contains(faults, fault => fault.StartsWith(OrderBooks.Incident, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.StartsWith(OrderBooks.Oversold, StringComparison.Ordinal));   // the second line of defence held
    }

    [Fact]
    public async Task Without_lock_and_check_the_store_oversells_and_that_is_reported()
    {
        await RunAsync(DropCheck);
        Assert.Contains(await SellAsync(RowLock), fault => fault.StartsWith(OrderBooks.Oversold, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_check_a_careless_writer_oversells_and_that_is_reported()
    {
        const string careless = "UPDATE stock_items SET reserved = on_hand + 1";
        await _store.HasProductAsync("Lamp", Stock);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(careless));
        Assert.Equal("ck_stock_items_reserved", refused.ConstraintName);
        await RunAsync(DropCheck);
        await RunAsync(careless);
        Assert.Contains(await OrderBooks.FaultsAsync(_store.ConnectionString), fault => fault.StartsWith(OrderBooks.Oversold, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_unique_key_it_gets_two_orders_and_that_is_reported()
    {
        await RunAsync(DropUnique);
        Assert.Contains(await ReuseKeysAsync(), fault => fault.StartsWith(OrderBooks.TwoOrders, StringComparison.Ordinal));
    }

    // Two nodes whose SQL is altered on its way; their last metric rows are written when they stop.
    private async Task<IReadOnlyList<string>> SellAsync(string without)
    {
        var variants = new List<Guid>();
        for (var sale = 0; sale < Sales; sale++) variants.Add(await _store.HasProductAsync($"Lamp {sale}", Stock));
        using var altered = new AlteredSql(_store.ConnectionString, without);
        await using (var left = await CoreHost.AttachAsync(altered.ConnectionString))
        await using (var right = await CoreHost.AttachAsync(altered.ConnectionString))
            foreach (var variant in variants) await Rush.BuyAsync([left, right], variant, Buyers, $"{variant}");
        Assert.Equal(without == RowLock, altered.Altered > 0);
        return await FaultsAsync();
    }

    private async Task<IReadOnlyList<string>> ReuseKeysAsync()
    {
        Guid[] goods = [await _store.HasProductAsync("Left", 500), await _store.HasProductAsync("Right", 500)];
        await using (var twin = await _store.StartTwinAsync()) await Rush.ReuseKeysAsync([_store, twin], goods, 60);
        return await FaultsAsync();
    }

    private async Task<IReadOnlyList<string>> FaultsAsync()
    {
        var faults = await OrderBooks.FaultsAsync(_store.ConnectionString);
        foreach (var fault in faults) TestContext.Current.TestOutputHelper?.WriteLine(fault);
        return faults;
    }

    private Task<object> RunAsync(string sql) => _store.QueryAsync<object>($"{sql}; SELECT ''");
}
