namespace Retail.Core.Partners.Content;

/// <summary>A file that can't be used at all. Not an error of the shop: it is told to the partner as it is.</summary>
/// <param name="code">One of <see cref="Runs.FeedCodes"/>.</param>
/// <param name="message">For people: what is wrong and what to do.</param>
public sealed class FeedUnreadableException(string code, string message) : Exception(message)
{
    /// <summary>One of <see cref="Runs.FeedCodes"/>.</summary>
    public string Code { get; } = code;
}
