using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Formats;

/// <summary>Google Merchant's XML: RSS 2.0 with items (or Atom with entries) whose fields are in the g: namespace. No document type and no entity of anybody else is read.</summary>
internal sealed class GoogleMerchantFormat : IFeedFormat
{
    private const int MaxTextLength = 1024 * 1024;
    private const string Google = "http://base.google.com/ns/1.0";

    private static readonly XmlReaderSettings Safe = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    public string Key => "google-merchant";

    public string Name => "Google Merchant XML";

    public string Sample => "google-merchant.xml";

    public async IAsyncEnumerable<FeedRow> ReadAsync(FeedFile file, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var stream = file.Open();
        using var reader = XmlReader.Create(stream, Safe);
        var isFeed = false;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            FeedRow? row;
            try
            {
                if (!await ToNextItemAsync(reader, isFeed)) yield break;
                isFeed = true;
                row = await ItemAsync(reader);
            }
            catch (XmlException e) when (e.Message.Contains("DTD", StringComparison.Ordinal))
            {
                throw new FeedUnreadableException(FeedCodes.DtdRefused, $"Line {e.LineNumber}: a document type (DOCTYPE) with its entities is not read. Send the feed without it.");
            }
            catch (XmlException e) when (!isFeed)
            {
                throw new FeedUnreadableException(FeedCodes.WrongFormat, $"Line {e.LineNumber}: this is not XML that can be read ({Short(e)}).");
            }
            catch (XmlException e)
            {
                row = FeedRow.Broken(e.LineNumber, $"the XML breaks here, so the rest of the file was not read ({Short(e)})", isCut: true);
            }
            yield return row;
            if (row.IsCut) yield break;
        }
    }

    // Stands on the next item or entry afterwards; false at the end of the feed.
    private static async Task<bool> ToNextItemAsync(XmlReader reader, bool isFeed)
    {
        var root = isFeed;
        while (isFeed && reader.NodeType is XmlNodeType.Element && reader.LocalName is "item" or "entry" || await reader.ReadAsync())
        {
            if (reader.NodeType is not XmlNodeType.Element) continue;
            if (!root && reader.LocalName is not ("rss" or "feed" or "RDF"))
                throw new FeedUnreadableException(FeedCodes.WrongFormat, $"The file begins with <{reader.LocalName}>: a Google Merchant feed begins with <rss> or <feed>.");
            root = true;
            if (reader.LocalName is "item" or "entry") return true;
        }
        return root ? false : throw new FeedUnreadableException(FeedCodes.WrongFormat, "The file is not a Google Merchant feed: it has no <rss> or <feed>.");
    }

    // Leaves the reader behind the item's end.
    private static async Task<FeedRow> ItemAsync(XmlReader reader)
    {
        var row = new FeedRow(((IXmlLineInfo)reader).LineNumber);
        if (reader.IsEmptyElement)
        {
            await reader.ReadAsync();
            return row;
        }
        var depth = reader.Depth;
        await reader.ReadAsync();
        while (reader.Depth > depth)
        {
            if (reader.NodeType is not XmlNodeType.Element) await reader.ReadAsync();
            else if (reader.LocalName == "product_detail") await DetailAsync(reader, row);
            else await FieldAsync(reader, row);
        }
        await reader.ReadAsync();
        return row;
    }

    private static async Task FieldAsync(XmlReader reader, FeedRow row)
    {
        var (name, isGoogle) = (reader.LocalName, reader.NamespaceURI == Google);
        // Atom says where a page is in an attribute.
        var address = name == "link" ? reader.GetAttribute("href") : null;
        var text = address ?? await TextAsync(reader);
        if (address is not null) await reader.SkipAsync();
        if (name == "additional_image_link") row.Pictures.Add(text.Trim());
        else if (isGoogle) Override(row, name, text);
        else FeedField.Set(row, name, text);
    }

    // <title> and <g:title> may both be there: Google's own counts.
    private static void Override(FeedRow row, string name, string text)
    {
        if (FeedField.Of(name) is { } field && !FeedField.OptionNames.ContainsKey(field)) row.Fields.Remove(field);
        FeedField.Set(row, name, text);
    }

    private static async Task DetailAsync(XmlReader reader, FeedRow row)
    {
        var (name, value) = ("", "");
        var depth = reader.Depth;
        if (reader.IsEmptyElement)
        {
            await reader.ReadAsync();
            return;
        }
        await reader.ReadAsync();
        while (reader.Depth > depth)
        {
            if (reader.NodeType is not XmlNodeType.Element) await reader.ReadAsync();
            else if (reader.LocalName == "attribute_name") name = (await TextAsync(reader)).Trim();
            else if (reader.LocalName == "attribute_value") value = (await TextAsync(reader)).Trim();
            else await reader.SkipAsync();
        }
        await reader.ReadAsync();
        if (name.Length > 0 && value.Length > 0) row.Facts.Add((name, value));
    }

    // The text of an element without its children's, in pieces, so that no text fills the memory; the reader then stands behind it.
    private static async Task<string> TextAsync(XmlReader reader)
    {
        var depth = reader.Depth;
        var text = new StringBuilder();
        if (reader.IsEmptyElement)
        {
            await reader.ReadAsync();
            return "";
        }
        await reader.ReadAsync();
        var buffer = new char[1024];
        while (reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace && reader.Depth == depth + 1)
            {
                int read;
                while ((read = await reader.ReadValueChunkAsync(buffer, 0, buffer.Length)) > 0)
                {
                    if (text.Length + read > MaxTextLength) throw new FeedUnreadableException(FeedCodes.TooLarge, $"A field in line {((IXmlLineInfo)reader).LineNumber} has more than {MaxTextLength} characters.");
                    text.Append(buffer, 0, read);
                }
            }
            await reader.ReadAsync();
        }
        await reader.ReadAsync();
        return text.ToString();
    }

    private static string Short(XmlException e) => e.Message.Split(" Line ", 2)[0].TrimEnd('.');
}
