using System.Net;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Retail.Core.Common;

/// <summary>
/// HTML of others made safe: a few elements without any attribute, and text. What comes out is written anew from what a browser would
/// have understood, so nothing can hide in bad syntax. The only HTML that pages show unescaped is what <see cref="Sanitise"/> made.
/// </summary>
public static class HtmlText
{
    private static readonly HtmlParser Parser = new(new HtmlParserOptions { IsScripting = false, IsKeepingSourceReferences = false });
    private static readonly HashSet<string> Kept = ["p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "u", "sub", "sup", "blockquote", "h3"];
    private static readonly HashSet<string> Headings = ["h1", "h2", "h4", "h5", "h6"];

    // Their content is no text for readers.
    private static readonly HashSet<string> Dropped =
        ["script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "head", "title", "textarea", "select", "button", "form", "audio", "video", "canvas", "xmp", "plaintext", "noembed", "noframes"];

    private static readonly HashSet<string> Blocks = ["div", "section", "article", "table", "tr", "header", "footer", "dl", "dt", "dd", "pre"];

    /// <summary>Whether a text may be meant as HTML: it has a tag or an entity.</summary>
    public static bool LooksLikeHtml(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var i = 0; i < text.Length - 1; i++)
            if ((text[i] == '<' && (char.IsAsciiLetter(text[i + 1]) || text[i + 1] is '/' or '!' or '?')) || (text[i] == '&' && (char.IsAsciiLetter(text[i + 1]) || text[i + 1] == '#'))) return true;
        return false;
    }

    /// <summary>Makes HTML safe to show: p, br, ul, ol, li, b, strong, i, em, u, sub, sup, blockquote and h3 stay (other headings become h3), all without attributes; scripts, styles, frames and forms go with their content; of everything else the text stays.</summary>
    public static string Sanitise(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        using var document = Parser.ParseDocument(html);
        var output = new StringBuilder(html.Length);
        if (document.Body is { } body) WriteChildren(body, output, depth: 0);
        return output.ToString().Trim();
    }

    /// <summary>The text of sanitised HTML, a line for each paragraph and item.</summary>
    public static string ToPlain(string sanitised)
    {
        ArgumentNullException.ThrowIfNull(sanitised);
        var text = new StringBuilder(sanitised.Length);
        for (var i = 0; i < sanitised.Length; i++)
        {
            if (sanitised[i] != '<')
            {
                text.Append(sanitised[i]);
                continue;
            }
            var end = sanitised.IndexOf('>', i);
            if (end < 0) break;
            if (sanitised.AsSpan(i, end - i) is "</p" or "<br" or "</li" or "</h3" or "</blockquote") text.Append('\n');
            i = end;
        }
        return WebUtility.HtmlDecode(text.ToString()).Trim();
    }

    /// <summary>Has any element that is kept; otherwise <see cref="ToPlain"/> says the same.</summary>
    public static bool HasElements(string sanitised)
    {
        ArgumentNullException.ThrowIfNull(sanitised);
        return sanitised.Contains('<', StringComparison.Ordinal);
    }

    private static void WriteChildren(INode parent, StringBuilder output, int depth)
    {
        // Deeper than any text: what is below is dropped, so that no input can exhaust the stack.
        if (depth > 64) return;
        foreach (var node in parent.ChildNodes)
        {
            if (node is IText text) Encode(text.Data, output);
            else if (node is IElement element) WriteElement(element, output, depth);
        }
    }

    private static void WriteElement(IElement element, StringBuilder output, int depth)
    {
        var name = element.LocalName;
        if (Dropped.Contains(name) || element is not IHtmlElement) return;
        if (name == "br")
        {
            output.Append("<br>");
            return;
        }
        var kept = Headings.Contains(name) ? "h3" : Kept.Contains(name) ? name : null;
        if (kept is not null) output.Append('<').Append(kept).Append('>');
        WriteChildren(element, output, depth + 1);
        if (kept is not null) output.Append("</").Append(kept).Append('>');
        else if (Blocks.Contains(name) && output.Length > 0 && !EndsWithBreak(output)) output.Append("<br>");
    }

    private static bool EndsWithBreak(StringBuilder output) => output[^1] == '>' && (output.Length < 4 || output.ToString(output.Length - 4, 4) is "<br>" or "</p>" or "/ul>" or "/ol>" or "/h3>" or "ote>");

    private static void Encode(string text, StringBuilder output)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '<': output.Append("&lt;"); break;
                case '>': output.Append("&gt;"); break;
                case '&': output.Append("&amp;"); break;
                case '"': output.Append("&quot;"); break;
                case '\'': output.Append("&#39;"); break;
                case '\u00a0': output.Append("&#160;"); break;
                default: output.Append(c); break;
            }
        }
    }
}
