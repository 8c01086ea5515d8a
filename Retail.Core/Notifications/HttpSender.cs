using System.Text.Json.Serialization;

namespace Retail.Core.Notifications;

/// <summary>Sends mail through a service that takes it as JSON over HTTP; docs/notifications.md shows the shape.</summary>
internal sealed class HttpSender(string name, HttpPost post) : IMailSender
{
    public string Name => name;

    public Task SendAsync(Mail mail, CancellationToken ct)
    {
        // Made for its checks and its clean header lines; the service writes the message itself.
        using var checkedMail = Mime.Of(mail);
        return post.SendAsync(new Body
        {
            From = checkedMail.From!.ToString(),
            To = [checkedMail.To[0].Address],
            Subject = checkedMail.Subject,
            Text = mail.Text,
            Html = mail.Html,
            Headers = new() { ["Message-ID"] = mail.MessageId, ["Auto-Submitted"] = "auto-generated" },
        }, mail.Fingerprint, ct);
    }

    private sealed record Body
    {
        [JsonPropertyName("from")] public required string From { get; init; }
        [JsonPropertyName("to")] public required IReadOnlyList<string> To { get; init; }
        [JsonPropertyName("subject")] public required string Subject { get; init; }
        [JsonPropertyName("text")] public required string Text { get; init; }
        [JsonPropertyName("html")] public required string Html { get; init; }
        [JsonPropertyName("headers")] public required Dictionary<string, string> Headers { get; init; }
    }
}
