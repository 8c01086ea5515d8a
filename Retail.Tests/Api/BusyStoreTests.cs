using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Orders;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Api;

/// <summary>More want to order than the store can take at this moment: here the writer is held up by a lock on the stock.</summary>
public sealed class BusyStoreTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;
    private ApiCaller _mara = null!;
    private Guid _radio;

    private OrderIntake Intake => _shop.Services.GetRequiredService<OrderIntake>();

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database, worker: false, "--Orders:QueueLimit=1");
        _mara = await ApiCaller.ForAsync(_shop, "mara@example.com");
        _radio = await ApiCaller.VariantAsync(_shop);
    }

    public async ValueTask DisposeAsync()
    {
        _mara.Dispose();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task A_full_queue_is_said_at_once_and_who_waited_gets_the_order()
    {
        var browser = await _shop.AtCheckoutAsync();
        await _mara.OrderAsync("warm", ApiCaller.Order(_radio));
        await using var held = await HoldStockAsync();
        var first = _mara.OrderAsync("1", ApiCaller.Order(_radio));
        await UntilAsync(async () => await IsBlockedAsync());
        var second = _mara.OrderAsync("2", ApiCaller.Order(_radio));
        await UntilAsync(() => Task.FromResult(Intake.Waiting == 1));

        var quickest = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var (answer, problem) = await _mara.OrderAsync($"refused-{i}", ApiCaller.Order(_radio));
            var elapsed = Stopwatch.GetElapsedTime(began);
            if (elapsed < quickest) quickest = elapsed;
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "busy"), (answer.StatusCode, (string)problem!["code"]!));
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3);
        }
        Assert.True(quickest < TimeSpan.FromMilliseconds(50), $"The quickest refusal took {quickest.TotalMilliseconds} ms.");
        await browser.PlaceOrderAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
        Assert.InRange(browser.Answer!.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3);
        Assert.Contains("Nothing was ordered", browser.Text, StringComparison.Ordinal);

        await held.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, (await first).Answer.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await second).Answer.StatusCode);
        Assert.Equal(3, await _shop.CountAsync("orders"));
        await _shop.StopAsync();
        Assert.Equal(11L, await _shop.SqlAsync("SELECT sum(value)::bigint FROM metric WHERE type = 'orders_refused_busy'"));
    }

    [Fact]
    public async Task The_order_of_a_caller_that_went_away_stands_and_is_found_by_its_key()
    {
        await using (var held = await HoldStockAsync())
        {
            using var leaving = new CancellationTokenSource();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders") { Content = System.Net.Http.Json.JsonContent.Create(ApiCaller.Order(_radio)) };
            request.Headers.Add("Idempotency-Key", "left");
            var sent = _mara.Http.SendAsync(request, leaving.Token);
            await UntilAsync(IsBlockedAsync);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
            await held.RollbackAsync(TestContext.Current.CancellationToken);
        }
        var (again, _) = await _mara.OrderAsync("left", ApiCaller.Order(_radio));
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(1, await _shop.CountAsync("orders"));
    }

    private async Task<NpgsqlTransaction> HoldStockAsync()
    {
        var connection = new NpgsqlConnection(_shop.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT 1 FROM stock_items WHERE variant_id = $1 FOR UPDATE", connection) { Parameters = { new() { Value = _radio } } };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return transaction;
    }

    private async Task<bool> IsBlockedAsync() => await _shop.CountAsync("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0;

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        for (var tries = 0; !await reached(); tries++)
        {
            Assert.True(tries < 500);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
