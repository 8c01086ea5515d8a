using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Outbox;
using Retail.Core.Orders;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Runs;
using Retail.Tests.Orders;
using Retail.Tests.Partners;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Jobs;

/// <summary>Every handler of the outbox may be called twice for the same key, after a crash or when a lease ran out: the second time it does nothing.</summary>
public sealed class TwiceTests(TestDatabase database) : IAsyncLifetime
{
    // How a promise of each kind comes to be (answers its key), and what counts its effects.
    private static readonly Dictionary<string, (Func<PaidShop, Task<string>> Make, string Effects)> Samples = new()
    {
        [OrderPayments.SettlePayment] = (async shop => (await shop.PlaceAsync()).ToString(), "simulator.payment_intents WHERE status = 'succeeded'"),
        [RefundService.Kind] = (RefundAsync, "simulator.refunds"),
        [FeedRunService.OutboxKind] = (FeedAsync, "job_runs WHERE job = 'run-feeds'"),
        ["drill-promise"] = (PromiseAsync, "drill_marks WHERE kept_at IS NOT NULL"),
        [Notify.Kind] = (async shop => $"{Notify.OrderConfirmation}:{await shop.PaidAsync()}", "notification_tries WHERE outcome = 'Sent'"),
    };

    // Posted to a service that tells a repetition by its idempotency key, which is the row's key: both posts carry it, and nothing of ours changes.
    private static readonly string[] ToldByTheReceiver = ["alert-webhook"];

    private PaidShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await PaidShop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Each_handler_does_nothing_the_second_time()
    {
        await using var scope = _shop.Shop.Services.CreateAsyncScope();
        var kinds = scope.ServiceProvider.GetServices<IOutboxHandler>().Select(handler => handler.Kind).ToList();
        Assert.True(kinds.Count >= 3);
        // The gateway opens its books at the first call, which may be too slow for the store.
        await _shop.ChargeAsync(await _shop.PlaceAsync());
        await _shop.RecoverAsync();
        await _shop.WorkAsync();
        foreach (var kind in kinds.Except(ToldByTheReceiver))
        {
            Assert.True(Samples.TryGetValue(kind, out var sample), $"Nobody has said here how a promise of the kind {kind} comes to be and what counts its effects.");
            var key = await sample.Make(_shop);
            var before = await _shop.CountAsync(sample.Effects);
            for (var time = 0; time < 2; time++)
            {
                await using var once = _shop.Shop.Services.CreateAsyncScope();
                await once.ServiceProvider.GetServices<IOutboxHandler>().Single(handler => handler.Kind == kind).HandleAsync(key, TestContext.Current.CancellationToken);
                Assert.True(await _shop.CountAsync(sample.Effects) == before + 1, $"{kind} had {await _shop.CountAsync(sample.Effects) - before} effects after {time + 1} times.");
            }
        }
        await _shop.AssertBalancedAsync();
    }

    private static async Task<string> FeedAsync(PaidShop shop)
    {
        var partner = await FeedHost.PartnerAsync(shop.Shop.Services, "TWICE");
        await using var scope = shop.Shop.Services.CreateAsyncScope();
        using var file = new MemoryStream("id,title\n1,Cup\n"u8.ToArray());
        var stored = await scope.ServiceProvider.GetRequiredService<FeedContents>().StoreAsync(file, TestContext.Current.CancellationToken);
        var received = await scope.ServiceProvider.GetRequiredService<FeedRunService>().ReceiveAsync(partner, stored.Value, new(FeedOrigin.Admin, "a test"), TestContext.Current.CancellationToken);
        return received.Value.Id.ToString();
    }

    private static async Task<string> PromiseAsync(PaidShop shop)
    {
        var drill = (Guid)(await shop.Shop.SqlAsync("INSERT INTO drills (id, name, status, started_at, parameters, steps, percent, is_stop_asked, release, node, asked_by) VALUES (gen_random_uuid(), 'worker-kill', 'Running', now(), '{}', '[]', 0, false, '1', 'here:1', 'a test') RETURNING id"))!;
        return $"{drill}:{Guid.CreateVersion7()}";
    }

    // The gateway is away when it is asked first, so the promise is still to be kept.
    private static async Task<string> RefundAsync(PaidShop shop)
    {
        var order = await shop.PaidAsync();
        await shop.FailAsync(new { mode = "error500" });
        await using (var scope = shop.Shop.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<OrderService>().CancelAsync(order, "admin", "no more wanted", TestContext.Current.CancellationToken);
        await shop.RecoverAsync();
        return (string)(await shop.Shop.SqlAsync("SELECT id::text FROM refunds WHERE status = 'Pending'"))!;
    }
}
