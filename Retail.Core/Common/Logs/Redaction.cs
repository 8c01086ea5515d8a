using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Retail.Core.Common.Logs;

/// <summary>Takes passwords, secrets, tokens and card numbers out of what is about to be logged.</summary>
public static partial class Redaction
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mask = "***";

    private const int LeastCardDigits = 13, MostCardDigits = 19, GuidLength = 36;
    private static readonly string[] Words =
        ["password", "passwd", "pwd", "secret", "token", "authorization", "cookie", "apikey", "api_key", "api-key", "cardnumber", "card_number", "card-number", "cvc", "cvv", "securitycode"];
    private static readonly SearchValues<string> SecretWords = SearchValues.Create(Words, StringComparison.OrdinalIgnoreCase);

    /// <summary>A value of this name is never shown, whatever it is.</summary>
    public static bool IsSecretName(string name) => name.AsSpan().ContainsAny(SecretWords);

    /// <summary>The text with the values of secret names ("password=…", "Authorization: Bearer …", "postgresql://user:…@")
    /// and card numbers masked; the same instance when there was nothing to mask.</summary>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains("://", StringComparison.Ordinal)) text = UrlPassword().Replace(text, "$1" + Mask + "@");
        if (text.AsSpan().ContainsAny(SecretWords)) text = NamedSecret().Replace(text, "$1$2" + Mask);
        return CardNumbers(text);
    }

    /// <summary>A whole number with as many digits as a card's that passes the card check.</summary>
    public static bool IsCardNumber(decimal number) => number >= 1_000_000_000_000m && decimal.IsInteger(number)
        && CardNumbers(number.ToString("0", CultureInfo.InvariantCulture)) == Mask;

    private static string CardNumbers(string text)
    {
        StringBuilder? masked = null;
        int copied = 0;
        for (var i = 0; i <= text.Length - LeastCardDigits; i++)
        {
            if (i > 0 && char.IsAsciiLetterOrDigit(text[i - 1]) && !StartsGroup(text, i)) continue;
            if (IsGuid(text, i)) { i += GuidLength - 1; continue; }
            if (!char.IsAsciiDigit(text[i]) || CardLength(text.AsSpan(i)) is not (> 0 and var length)) continue;
            (masked ??= new StringBuilder(text.Length)).Append(text, copied, i - copied).Append(Mask);
            copied = i + length;
            i = copied - 1;
        }
        return masked is null ? text : masked.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool StartsGroup(string text, int i) => char.IsAsciiDigit(text[i]) && !char.IsAsciiDigit(text[i - 1]);

    // Ids of rows are full of digits; one in some thousands would pass the card check.
    private static bool IsGuid(string text, int i) =>
        text.Length - i >= GuidLength && text[i + 8] == '-' && text[i + 13] == '-' && Guid.TryParseExact(text.AsSpan(i, GuidLength), "D", out _);

    // The longest run of digit groups from here, parted by single spaces or hyphens, that a card could have; 0 when none.
    private static int CardLength(ReadOnlySpan<char> text)
    {
        Span<byte> digits = stackalloc byte[MostCardDigits];
        int count = 0, longest = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                if (text[i] is not (' ' or '-') || i + 1 == text.Length || !char.IsAsciiDigit(text[i + 1])) break;
                continue;
            }
            if (count == MostCardDigits) break;
            digits[count++] = (byte)(text[i] - '0');
            var endsGroup = i + 1 == text.Length || !char.IsAsciiDigit(text[i + 1]);
            if (endsGroup && count >= LeastCardDigits && PassesLuhn(digits[..count])) longest = i + 1;
        }
        return longest;
    }

    private static bool PassesLuhn(ReadOnlySpan<byte> digits)
    {
        int sum = 0, first = digits[0];
        var same = true;
        for (var i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            same &= digit == first;
            sum += i % 2 == 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
        }
        return sum % 10 == 0 && !(same && first == 0);
    }

    [GeneratedRegex(@"(?i)([a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+@", RegexOptions.CultureInvariant)]
    private static partial Regex UrlPassword();

    // A name, then : or =, then the value up to where it surely ends: its closing quote, or a blank, ; or &.
    // What follows a Cookie or an Authorization goes to the end of the line.
    [GeneratedRegex("""
        (?ix) ( [\w-]* (?:cookie|authorization) [\w-]* ["'\\]* \s* [:=] \s* ["'\\]* ) [^\r\n"]+
        | ( [\w-]* (?:password|passwd|pwd|secret|token|api[_-]?key|card[_-]?number|cvc|cvv|securitycode) [\w-]* ["'\\]* \s* [:=] \s* )
          (?: \\?" (?:[^"\\]|\\[^"])* (?:\\?")? | '[^'\r\n]*'? | [^\s"';&]+ )
        """, RegexOptions.CultureInvariant)]
    private static partial Regex NamedSecret();
}
