using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Retail.Core.Catalog;
using Retail.Core.Flags;

namespace Retail.Core.Partners.Feeds;

/// <summary>Writes feeds as a stream, from the records that product pages are made from: however many products there are, some
/// hundred kilobytes are held at a time.</summary>
public sealed class FeedsOut(CatalogQueries catalog, CatalogModel model, FeatureFlags flags)
{
    private const int ChunkBytes = 64 * 1024;

    private readonly string _node = RandomNumberGenerator.GetHexString(32);
    private readonly ConcurrentDictionary<string, (long Version, Task<string?> Tag)> _tags = new();

    /// <summary>
    /// What tells one state of a feed from another; null when there is nothing to tell of yet. A hash of the items, the same on every
    /// node; where products are read from the database, which takes long, it is this node's alone, and with the PRODUCTS flag off no two are the same.
    /// </summary>
    public async Task<string?> TagAsync(IOutFeed feed, FeedSite site, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(site);
        if (!model.IsWarm) return null;
        var version = model.Version;
        if (!flags.IsOn(FeatureFlag.Products)) return await HasAnyAsync(feed, ct) ? Tag(RandomNumberGenerator.GetHexString(32)) : null;
        if (!model.Snapshot.IsWhole) return await HasAnyAsync(feed, ct) ? Tag($"{_node} {version} {site.Name} {site.Address}") : null;
        // Whatever the address that was asked under, the items are hashed once for each state of the catalogue.
        var known = _tags.AddOrUpdate(feed.FileName, _ => (version, HashAsync(feed, site)), (_, was) => was.Version == version && !was.Tag.IsFaulted ? was : (version, HashAsync(feed, site)));
        return await known.Tag.WaitAsync(ct) is { } items ? Tag($"{items} {site.Name} {site.Address}") : null;
    }

    /// <summary>Writes the whole feed.</summary>
    public async Task WriteAsync(IOutFeed feed, FeedSite site, Stream target, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(target);
        await WriteAsync(feed, site, bytes => target.WriteAsync(bytes, ct), ct);
    }

    private static string Tag(string state) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)))[..32];

    private async Task<bool> HasAnyAsync(IOutFeed feed, CancellationToken ct)
    {
        await foreach (var product in catalog.AllAsync(ct))
            if (OutItem.Of(product).Any(feed.Takes)) return true;
        return false;
    }

    private async Task<string?> HashAsync(IOutFeed feed, FeedSite site)
    {
        await Task.Yield();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var items = await WriteAsync(feed, site with { Name = "", Address = "" }, bytes =>
        {
            hash.AppendData(bytes.Span);
            return ValueTask.CompletedTask;
        }, CancellationToken.None);
        return items == 0 ? null : Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async Task<int> WriteAsync(IOutFeed feed, FeedSite site, Func<ReadOnlyMemory<byte>, ValueTask> send, CancellationToken ct)
    {
        using var buffer = new MemoryStream(ChunkBytes + 16 * 1024);
        using var writer = feed.Open(buffer, site);
        var items = 0;
        writer.Begin();
        await foreach (var product in catalog.AllAsync(ct))
        {
            foreach (var item in OutItem.Of(product))
            {
                if (!feed.Takes(item)) continue;
                writer.Write(item);
                items++;
            }
            if (buffer.Length >= ChunkBytes) await EmptyAsync();
        }
        writer.End();
        await EmptyAsync();
        return items;

        async ValueTask EmptyAsync()
        {
            writer.Flush();
            await send(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
            buffer.SetLength(0);
        }
    }
}
