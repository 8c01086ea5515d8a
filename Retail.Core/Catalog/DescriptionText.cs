using Retail.Core.Common;

namespace Retail.Core.Catalog;

/// <summary>A product's description as others write it: text, or HTML that is made safe.</summary>
public static class DescriptionText
{
    /// <summary>What is stored of it, and whether that is sanitised HTML; HTML without any element that is kept becomes text.</summary>
    public static (string Description, bool IsHtml) Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // A NUL is no text, and the database has no place for it.
        var clean = text.Replace("\0", "", StringComparison.Ordinal).ReplaceLineEndings("\n").Trim();
        if (!HtmlText.LooksLikeHtml(clean)) return (clean, false);
        var safe = HtmlText.Sanitise(clean);
        return HtmlText.HasElements(safe) ? (safe, true) : (HtmlText.ToPlain(safe), false);
    }
}
