using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Orders;

/// <summary>
/// Charges orders beside the request that placed them: those whose caller does not wait, right after they were accepted, and those
/// whose shopper does, but not for ever. Nothing depends on it: each order's
/// settle-payment row was committed with the order, so what is dropped here, or dies with the process, the worker charges
/// half a minute later. That row is not simply due at once, because the checkout page charges while its shopper waits.
/// </summary>
public sealed class PromptCharges(IServiceScopeFactory scopes, IOptions<OrdersOptions> options, IOptions<PaymentsOptions> payments, ILogger<PromptCharges> logger) : BackgroundService
{
    // More than can be charged before the worker takes over would only be charged twice.
    private readonly Channel<Guid> _accepted = Channel.CreateBounded<Guid>(new BoundedChannelOptions(1000));

    /// <summary>Asks for the charge of an accepted order; never waits. When too many wait already, it is left to the worker.</summary>
    public void Ask(Guid orderId) => _accepted.Writer.TryWrite(orderId);

    /// <summary>Charges an order while its shopper waits, at most <see cref="PaymentsOptions.ShopperWaits"/>; an answer that comes later is booked all the same.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="asked">When the shopper pressed the button (<see cref="Stopwatch.GetTimestamp"/>).</param>
    /// <returns>Where the order stands: still Placed when the answer is not there in time.</returns>
    public async Task<OrderStatus> ChargeInTimeAsync(Guid orderId, long asked)
    {
        var charge = ChargeAsync(orderId, asked);
        var left = payments.Value.ShopperWaits - Stopwatch.GetElapsedTime(asked);
        await Task.WhenAny(charge, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero));
        if (charge.IsCompleted) return await charge;
        _ = SeeThroughAsync(charge, orderId);
        return OrderStatus.Placed;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.ChargesAtOnce).Select(_ => ChargeAsync(stoppingToken)));

    private async Task ChargeAsync(CancellationToken stoppingToken)
    {
        await foreach (var orderId in _accepted.Reader.ReadAllAsync(stoppingToken))
        {
            await SeeThroughAsync(ChargeAsync(orderId, asked: null), orderId);
        }
    }

    private async Task<OrderStatus> ChargeAsync(Guid orderId, long? asked)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<OrderPayments>().ChargeAsync(orderId, "shopper", asked);
    }

    private async Task SeeThroughAsync(Task charge, Guid orderId)
    {
        try
        {
            await charge;
        }
        // Whatever it was: the order's own promise stands, and the worker tries again and reports.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.ChargeLeftToWorker(e, orderId);
        }
    }
}
