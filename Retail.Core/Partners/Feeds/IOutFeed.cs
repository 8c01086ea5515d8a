using System.Globalization;

namespace Retail.Core.Partners.Feeds;

/// <summary>A feed that others fetch. A new one is a new class and its line in <see cref="FeedsOutModule"/>.</summary>
public interface IOutFeed
{
    /// <summary>Its name below /feeds/.</summary>
    string FileName { get; }

    /// <summary>Its media type.</summary>
    string ContentType { get; }

    /// <summary>The items that it can tell of, such as only those with a picture.</summary>
    bool Takes(OutItem item);

    /// <summary>Starts writing into a buffer that the caller empties now and then.</summary>
    OutFeedWriter Open(MemoryStream buffer, FeedSite site);
}

/// <summary>Writes one feed, item after item; what was written may still be on its way to the buffer until <see cref="Flush"/>.</summary>
public abstract class OutFeedWriter : IDisposable
{
    /// <summary>What stands before the items.</summary>
    public abstract void Begin();

    /// <summary>An item.</summary>
    public abstract void Write(OutItem item);

    /// <summary>What stands after the items.</summary>
    public abstract void End();

    /// <summary>All that was written is in the buffer then.</summary>
    public abstract void Flush();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what it holds.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>The shop that a feed is of.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Address">Where shoppers reach it, without a slash at the end.</param>
/// <param name="Currency">ISO 4217 code of its prices.</param>
public sealed record FeedSite(string Name, string Address, string Currency)
{
    /// <summary>A path of the shop as a whole address.</summary>
    public string Of(string path) => Address + path;

    /// <summary>A price as feeds write it: 12.30 USD.</summary>
    public string Price(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"{amount:0.00} {Currency}");
}
