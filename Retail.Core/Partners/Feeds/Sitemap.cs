using System.Globalization;
using System.Text;
using System.Xml;
using Retail.Core.Catalog;

namespace Retail.Core.Partners.Feeds;

/// <summary>The pages that search engines may list (sitemaps.org): an index, and sitemaps of at most 50,000 addresses.</summary>
public sealed class Sitemap(CatalogQueries catalog, CatalogModel model)
{
    /// <summary>The most addresses in one sitemap.</summary>
    public const int PageSize = 50_000;

    private const string Namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";
    private const int FlushEvery = 500;

    private static readonly XmlWriterSettings Settings = new() { Async = true, Encoding = new UTF8Encoding(false), Indent = true, IndentChars = " ", NewLineChars = "\n", CloseOutput = false };

    /// <summary>There is a catalogue to tell of.</summary>
    public bool IsReady => model.IsWarm;

    /// <summary>How many sitemaps of products there are.</summary>
    public async Task<int> PagesAsync(CancellationToken ct) => (await catalog.SizeAsync(ct) is var (products, _)) ? (products + PageSize - 1) / PageSize : 0;

    /// <summary>The index: the sitemap of lists, and those of products.</summary>
    public async Task WriteIndexAsync(Stream target, string site, CancellationToken ct)
    {
        var (products, changed) = await catalog.SizeAsync(ct);
        await using var xml = XmlWriter.Create(target, Settings);
        await xml.WriteStartDocumentAsync();
        await xml.WriteStartElementAsync(null, "sitemapindex", Namespace);
        await WriteAsync(xml, "sitemap", $"{site}/sitemaps/lists.xml", changed);
        for (var page = 1; page <= (products + PageSize - 1) / PageSize; page++)
            await WriteAsync(xml, "sitemap", string.Create(CultureInfo.InvariantCulture, $"{site}/sitemaps/products-{page}.xml"), changed);
        await xml.WriteEndDocumentAsync();
    }

    /// <summary>Home and the lists of all shelves that hold something.</summary>
    public async Task WriteListsAsync(Stream target, string site, CancellationToken ct)
    {
        var window = await catalog.WindowAsync(ct);
        await using var xml = await BeginAsync(target);
        await WriteAsync(xml, "url", $"{site}/", null);
        await WriteAsync(xml, "url", $"{site}/products/", null);
        foreach (var shelf in model.Snapshot.Categories)
            if (shelf.Index < window.CountByCategory.Count && window.CountByCategory[shelf.Index] > 0)
                await WriteAsync(xml, "url", $"{site}/products/?category={Uri.EscapeDataString(shelf.Slug)}", null);
        await xml.WriteEndDocumentAsync();
    }

    /// <summary>The products of a sitemap, from 1.</summary>
    public async Task WriteProductsAsync(Stream target, string site, int page, CancellationToken ct)
    {
        await using var xml = await BeginAsync(target);
        var written = 0;
        await foreach (var (slug, changed) in catalog.AddressesAsync((page - 1) * PageSize, PageSize, ct))
        {
            await WriteAsync(xml, "url", $"{site}/products/{slug}", changed);
            if (++written % FlushEvery == 0) await xml.FlushAsync();
        }
        await xml.WriteEndDocumentAsync();
    }

    private static async Task<XmlWriter> BeginAsync(Stream target)
    {
        var xml = XmlWriter.Create(target, Settings);
        await xml.WriteStartDocumentAsync();
        await xml.WriteStartElementAsync(null, "urlset", Namespace);
        return xml;
    }

    private static async Task WriteAsync(XmlWriter xml, string element, string address, DateTimeOffset? changed)
    {
        await xml.WriteStartElementAsync(null, element, Namespace);
        await xml.WriteElementStringAsync(null, "loc", Namespace, address);
        if (changed is { } at) await xml.WriteElementStringAsync(null, "lastmod", Namespace, at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        await xml.WriteEndElementAsync();
    }
}
