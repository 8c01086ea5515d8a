namespace Retail.Core.Data;

/// <summary>Patterns for LIKE of words that people typed: their % and _ mean themselves.</summary>
internal static class Like
{
    /// <summary>The words anywhere.</summary>
    public static string Containing(string words) => $"%{Escaped(words)}%";

    /// <summary>The words at the start.</summary>
    public static string StartingWith(string words) => $"{Escaped(words)}%";

    private static string Escaped(string words) =>
        words.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
