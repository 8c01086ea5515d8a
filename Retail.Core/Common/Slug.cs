using System.Globalization;
using System.Text;

namespace Retail.Core.Common;

/// <summary>The part of an address that names a thing: lower-case letters, digits and single hyphens.</summary>
public static class Slug
{
    /// <summary>The longest slug, in characters.</summary>
    public const int MaxLength = 120;

    /// <summary>Makes a slug of a name: accents dropped, everything else than letters and digits becomes one hyphen.</summary>
    /// <returns>The slug; "item" when nothing of the name can be kept.</returns>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slug = new StringBuilder(name.Length);
        foreach (var c in name.Normalize(NormalizationForm.FormD))
        {
            if (slug.Length == MaxLength) break;
            if (char.IsAsciiLetterOrDigit(c)) slug.Append(char.ToLowerInvariant(c));
            else if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark || c == '\'') continue;
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }
        var text = slug.ToString().Trim('-');
        return text.Length == 0 ? "item" : text;
    }
}
