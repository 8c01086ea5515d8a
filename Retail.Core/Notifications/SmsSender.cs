using System.Text.Json.Serialization;

namespace Retail.Core.Notifications;

/// <summary>Sends a text message through a service that takes it as JSON over HTTP.</summary>
internal sealed class SmsSender(HttpPost post, string from)
{
    public Task SendAsync(string phone, string text, string fingerprint, CancellationToken ct) =>
        post.SendAsync(new Body { From = from, To = phone, Text = text }, fingerprint, ct);

    /// <summary>The number as networks want it, +49171...; null when it has no country code and nobody can tell where it is.</summary>
    public static string? NumberOf(string phone)
    {
        var digits = string.Concat(phone.Where(char.IsAsciiDigit));
        return phone.TrimStart().StartsWith('+') && digits.Length is >= 8 and <= 15 ? "+" + digits : null;
    }

    private sealed record Body
    {
        [JsonPropertyName("from")] public required string From { get; init; }
        [JsonPropertyName("to")] public required string To { get; init; }
        [JsonPropertyName("text")] public required string Text { get; init; }
    }
}
