namespace Retail.Core.Jobs;

/// <summary>The pause before the next try.</summary>
internal static class Backoff
{
    /// <summary>Doubles from try to try, with a fifth of jitter to both sides, so that what failed together does not come back together.</summary>
    public static TimeSpan Of(int tries, TimeSpan first, TimeSpan longest)
    {
        var seconds = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Clamp(tries - 1, 0, 20)), longest.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.8 + Random.Shared.NextDouble() * 0.4));
    }
}

/// <summary>What a column of a thousand characters can hold of an error.</summary>
internal static class ShortText
{
    private const int Longest = 1000;

    // Not through the middle of a character, which the database would refuse; nor a NUL, which it refuses too.
    public static string Of(string text)
    {
        text = text.Replace("\0", "", StringComparison.Ordinal);
        return text.Length <= Longest ? text : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
