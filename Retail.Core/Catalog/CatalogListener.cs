using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Retail.Core.Catalog;

/// <summary>
/// Hears from the database which products changed (triggers notify, so no writer can forget to) and refreshes this node's model.
/// After a lost connection everything is read again, because notices were missed.
/// </summary>
public sealed class CatalogListener(NpgsqlDataSource database, CatalogModel model, TimeProvider clock, ILogger<CatalogListener> logger) : BackgroundService
{
    /// <summary>The channel that the triggers notify.</summary>
    public const string ChannelName = "catalog";

    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(1), ShortestNap = TimeSpan.FromMilliseconds(20);

    private readonly Channel<string> _notices = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                logger.ListeningLost(e);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        connection.Notification += (_, notice) => _notices.Writer.TryWrite(notice.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {ChannelName}", connection)) await listen.ExecuteNonQueryAsync(ct);
        // Only now, so that nothing falls between the reading and the listening.
        await model.ReloadAsync(ct);
        using var refreshing = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var refresher = RefreshAsync(refreshing.Token);
        var watcher = WatchFlashSalesAsync(refreshing.Token);
        try
        {
            while (!refresher.IsCompleted)
                // A wait with an end and a question after it finds a connection that died in silence.
                if (!await connection.WaitAsync(TimeSpan.FromSeconds(10), ct))
                    await using (var alive = new NpgsqlCommand("SELECT 1", connection)) await alive.ExecuteScalarAsync(ct);
        }
        finally
        {
            await refreshing.CancelAsync();
            await refresher.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await watcher.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await refresher;
    }

    /// <summary>A flash sale begins and ends without anybody's write: its product is read again then.</summary>
    private async Task WatchFlashSalesAsync(CancellationToken ct)
    {
        while (true)
        {
            var (now, wait) = (clock.GetUtcNow(), LongestNap);
            foreach (var product in model.Snapshot.WithFlashSale)
            {
                if (product.NextFlashChange is not { } change) continue;
                if (change <= now) _notices.Writer.TryWrite($"products:{product.Id}");
                else if (change - now < wait) wait = change - now;
            }
            // To the moment itself, but never long: a sale may be made meanwhile, and clocks are set.
            await Task.Delay(wait < ShortestNap ? ShortestNap : wait, clock, ct);
        }
    }

    private async Task RefreshAsync(CancellationToken ct)
    {
        while (await _notices.Reader.WaitToReadAsync(ct))
        {
            var all = false;
            var products = new HashSet<Guid>();
            var stock = new HashSet<Guid>();
            while (_notices.Reader.TryRead(out var notice))
            {
                var (kind, ids) = notice.Split(':', 2) is [var k, var list] ? (k, list) : (notice, "");
                if (kind is not ("products" or "stock")) all = true;
                // What can't be read may mean anything: everything is read again.
                foreach (var text in ids.Split(',', StringSplitOptions.RemoveEmptyEntries))
                    if (Guid.TryParse(text, out var id)) (kind == "stock" ? stock : products).Add(id);
                    else all = true;
            }
            if (all)
            {
                await model.ReloadAsync(ct);
                // A long import changes everything many times over: a breath between two readings.
                await Task.Delay(TimeSpan.FromSeconds(1), ct);
                continue;
            }
            await model.RefreshAsync(products, ct);
            stock.ExceptWith(products);
            if (stock.Count > 0) await model.RefreshStockAsync(stock, ct);
        }
    }
}
