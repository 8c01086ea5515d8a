using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Retail.Core.Orders;

/// <summary>
/// Charges orders whose caller does not wait for it, right after they were accepted. Nothing depends on it: each order's
/// settle-payment row was committed with the order, so what is dropped here, or dies with the process, the worker charges
/// half a minute later. That row is not simply due at once, because the checkout page charges while its shopper waits.
/// </summary>
public sealed class PromptCharges(IServiceScopeFactory scopes, IOptions<OrdersOptions> options, ILogger<PromptCharges> logger) : BackgroundService
{
    // More than can be charged before the worker takes over would only be charged twice.
    private readonly Channel<Guid> _accepted = Channel.CreateBounded<Guid>(new BoundedChannelOptions(1000));

    /// <summary>Asks for the charge of an accepted order; never waits. When too many wait already, it is left to the worker.</summary>
    public void Ask(Guid orderId) => _accepted.Writer.TryWrite(orderId);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.ChargesAtOnce).Select(_ => ChargeAsync(stoppingToken)));

    private async Task ChargeAsync(CancellationToken stoppingToken)
    {
        await foreach (var orderId in _accepted.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<OrderPayments>().ChargeAsync(orderId, "shopper");
            }
            // Whatever it was: the order's own promise stands, and the worker tries again and reports.
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.ChargeLeftToWorker(e, orderId);
            }
        }
    }
}
