using System.Collections.Concurrent;
using Npgsql;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Crash;

/// <summary>A rush over HTTP on two web processes with one database and a third that plays the gateway: exactly what is there is sold.</summary>
public sealed class TwoNodeSaleTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly int Buyers = Size.Of("RETAIL_PROOF_BUYERS", 120), AtOnce = Math.Min(Buyers, 128);

    private string _store = "", _gateway = "";
    private StoreProcess _bank = null!, _left = null!, _right = null!;
    private ApiBuyer _buyer = null!;

    public async ValueTask InitializeAsync()
    {
        (_store, _gateway) = (await Shop.SeededDatabaseAsync(database), await Shop.SeededDatabaseAsync(database));
        _bank = new(_gateway, null, "--Simulator:WebhookUrl=none");
        (_left, _right) = (new(_store, _bank), new(_store, _bank));
        await Task.WhenAll(_bank.StartAsync(), _left.StartAsync(), _right.StartAsync());
        _buyer = await ApiBuyer.SignInAsync(_left.Address, connections: AtOnce);
    }

    public async ValueTask DisposeAsync()
    {
        _buyer.Dispose();
        foreach (var process in new[] { _left, _right, _bank }) process.Dispose();
        foreach (var connectionString in new[] { _store, _gateway }) await database.DropAsync(connectionString);
    }

    [Fact]
    public async Task Exactly_the_units_that_are_there_are_sold_and_each_key_has_one_order()
    {
        foreach (var stock in new[] { 1, 50, Math.Min(1000, Buyers / 2) })
        {
            var variant = await HasProductAsync($"Rush {stock}", stock);
            var answers = await RushAsync($"rush-{stock}", number => [(variant, 1)]);

            Assert.Equal([.. stock < Buyers ? ["accepted", "sold_out"] : (string[])["accepted"]], answers.Select(a => a.Code).Distinct().Order());
            // Whoever asked twice at once, at both nodes, got one order.
            Assert.All(answers.Where(a => a.Order is not null).GroupBy(a => a.Key), same => Assert.Single(same.Select(a => a.Order).Distinct()));
            Assert.Equal(stock, answers.Where(a => a.Order is not null).Select(a => a.Order).Distinct().Count());
            Assert.Equal(stock, await SqlAsync("SELECT sum(quantity) FROM order_lines WHERE variant_id = $1", variant));
            Assert.Equal(0, await SqlAsync("SELECT (on_hand - reserved)::bigint FROM stock_items WHERE variant_id = $1", variant));
            Assert.Empty(await OrderBooks.FaultsAsync(_store));
        }
        await SettledAsync();
        Assert.Equal(0, await SqlAsync("SELECT count(*) FROM orders WHERE status <> 'Paid'"));
        Assert.Empty(await OrderBooks.FaultsAsync(_store, _gateway));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Buyers} buyers, {AtOnce} at once, for each of three stocks");
    }

    [Fact]
    public async Task Carts_of_the_same_goods_in_any_order_let_each_other_through()
    {
        var shoes = new List<Guid>();
        for (var i = 0; i < 5; i++) shoes.Add(await HasProductAsync($"Shoe {i}", 20 * Buyers));
        var answers = await RushAsync("cart", number => [.. (number % 2 == 0 ? shoes : Enumerable.Reverse(shoes)).Select(shoe => (shoe, 1 + number % 3))]);

        Assert.All(answers, a => Assert.Equal("accepted", a.Code));
        Assert.Empty(await OrderBooks.FaultsAsync(_store));
        await SettledAsync();
        Assert.Empty(await OrderBooks.FaultsAsync(_store, _gateway));
        Assert.Equal(0, await SqlAsync("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    private async Task<ConcurrentBag<(string Key, string Code, Guid? Order)>> RushAsync(string name, Func<int, (Guid, int)[]> cart)
    {
        var answers = new ConcurrentBag<(string, string, Guid?)>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Buyers), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            // One in eight presses twice: the same key at both nodes at once.
            Uri[] nodes = number % 8 == 0 ? [_left.Address, _right.Address] : [(number % 2 == 0 ? _left : _right).Address];
            await Task.WhenAll(nodes.Select(async node =>
            {
                var (code, order, _) = await _buyer.OrderAsync(node, $"{name}-{number}", cart(number));
                answers.Add(($"{name}-{number}", code, order));
            }));
        });
        return answers;
    }

    // The nodes charge what they accepted; what they had no room for is a worker's.
    private async Task SettledAsync()
    {
        _left.StartWorker();
        await SqlAsync("UPDATE outbox SET due_at = now() WHERE status = 'Waiting' AND kind = 'settle-payment'");
        for (var tries = 0; await SqlAsync("SELECT count(*) FROM orders WHERE status IN ('Placed', 'PaymentPending')") is > 0 and var left; tries++)
        {
            Assert.True(tries < 1200, $"{left} orders are not settled.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        await _left.KillWorkerAsync();
    }

    private async Task<Guid> HasProductAsync(string name, int stock)
    {
        await using var host = await CoreHost.AttachAsync(_store);
        return await host.HasProductAsync(name, stock);
    }

    private async Task<long> SqlAsync(string sql, params object[] values)
    {
        await using var connection = new NpgsqlConnection(_store);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (long?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) ?? 0;
    }
}
