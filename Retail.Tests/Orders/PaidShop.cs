using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Jobs.Outbox;
using Retail.Core.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>The real store with its gateway's simulator, orders placed beneath the pages, and the books of both sides.</summary>
internal sealed class PaidShop : IAsyncDisposable
{
    public const int Stock = 100;

    private readonly HttpClient _http = new();
    private int _orders;

    private PaidShop(Shop shop) => Shop = shop;

    public Shop Shop { get; }

    public Guid Variant { get; private set; }

    /// <param name="database">Where its database is cloned.</param>
    /// <param name="webhooks">The simulator tells its news unasked.</param>
    /// <param name="patient">Attempts at the gateway take as long as in a store; otherwise a hanging one costs less, and a busy machine may be taken for it.</param>
    public static async Task<PaidShop> StartAsync(TestDatabase database, bool webhooks = false, bool patient = true)
    {
        var shop = new PaidShop(await Shop.StartAsync(database, worker: false, $"--Payments:AttemptTimeout={(patient ? "00:00:02" : "00:00:00.800")}", $"--Payments:TotalTimeout={(patient ? "00:00:07" : "00:00:03")}", "--Payments:RetryBaseDelay=00:00:00.010",
            "--Payments:BreakerOpenFor=00:00:01", webhooks ? "--Simulator:WebhookDelay=00:00:00" : "--Simulator:WebhookUrl=none"));
        shop.Variant = await CoreHost.HasProductAsync(shop.Shop.Services, "Lamp", Stock);
        return shop;
    }

    /// <summary>An accepted order that nobody has charged yet: 10.00 and 6.90 for shipping, or so.</summary>
    public async Task<Guid> PlaceAsync(string token = "pm_card_visa", int units = 1)
    {
        var order = AdmissionTests.Order($"order-{Interlocked.Increment(ref _orders)}", (Variant, units)) with { PaymentMethod = new(token, "visa", "4242") };
        var placed = await Shop.Services.GetRequiredService<OrderIntake>().PlaceAsync(order, CancellationToken.None);
        return placed.Value.Id;
    }

    public async Task<Guid> PaidAsync(int units = 1)
    {
        var order = await PlaceAsync(units: units);
        Assert.Equal(OrderStatus.Paid, await ChargeAsync(order));
        return order;
    }

    public Task<OrderStatus> ChargeAsync(Guid order) => WithAsync<OrderPayments, OrderStatus>(p => p.ChargeAsync(order, "shopper"));

    public Task<bool> SettleAsync(Guid order) => WithAsync<OrderPayments, bool>(p => p.SettleAsync(order, "worker"));

    public Task<Refund> RefundAsync(Guid order, string key, decimal amount) => WithAsync<RefundService, Refund>(async r =>
        (await r.RefundAsync(new RefundRequest { OrderId = order, Key = key, Amount = amount, Reason = "Sorry", By = "ada" }, CancellationToken.None)).Value);

    /// <summary>Runs something with a scope and services of its own, as a request would.</summary>
    public async Task<TResult> WithAsync<TService, TResult>(Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = Shop.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>The same at a time to come.</summary>
    public async Task<bool> SettleLaterAsync(Guid order, TimeSpan later)
    {
        await using var scope = Shop.Services.CreateAsyncScope();
        var clock = new Retail.Tests.Payments.Gateway.SkippingClock();
        clock.Skip(later);
        var booking = ActivatorUtilities.CreateInstance<PaymentBooking>(scope.ServiceProvider, clock);
        return await ActivatorUtilities.CreateInstance<OrderPayments>(scope.ServiceProvider, booking, clock).SettleAsync(order, "worker");
    }

    /// <summary>The worker takes everything that it has promised, due or not; twice, because a circuit that is trying again lets one through and puts the others off.</summary>
    public async Task WorkAsync()
    {
        using var relay = ActivatorUtilities.CreateInstance<OutboxRelay>(Shop.Services);
        for (var round = 0; round < 2; round++)
        {
            await Shop.SqlAsync("UPDATE outbox SET due_at = now() - interval '1 second' WHERE status = 'Waiting' AND kind <> 'notify'");
            await relay.RunOnceAsync(CancellationToken.None);
        }
    }

    public async Task FailAsync(object fault) =>
        (await _http.PostAsJsonAsync(new Uri(Shop.BaseAddress, "/simulator/faults"), fault, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();

    /// <summary>The gateway is well, and the circuit may try it.</summary>
    public async Task RecoverAsync()
    {
        (await _http.DeleteAsync(new Uri(Shop.BaseAddress, "/simulator/faults"), TestContext.Current.CancellationToken)).Dispose();
        await Task.Delay(1100, TestContext.Current.CancellationToken);
    }

    public async Task<string> StatusAsync(Guid order) => (string)(await Shop.SqlAsync("SELECT status FROM orders WHERE id = $1", order))!;

    public async Task<long> CountAsync(string sql) => (long)(await Shop.SqlAsync($"SELECT count(*) FROM {sql}"))!;

    /// <summary>Charges in the gateway's books.</summary>
    public Task<long> ChargesAsync() => CountAsync("simulator.payment_intents WHERE status = 'succeeded'");

    /// <summary>Ledger, stock, orders and both sides' books agree.</summary>
    public async Task AssertBalancedAsync() => Assert.Empty(await OrderBooks.FaultsAsync(Shop.ConnectionString, Shop.ConnectionString));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Shop.DisposeAsync();
    }
}
