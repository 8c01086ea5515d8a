namespace Retail.Core.Notifications;

/// <summary>What a promise is about: template:id, or template:id:occasion.</summary>
/// <param name="Template">Its name with its version.</param>
/// <param name="About">An order, a customer or a notice of low stock.</param>
/// <param name="Occasion">Which of several; may be empty.</param>
internal sealed record NotifyKey(string Template, Guid About, string Occasion)
{
    public static NotifyKey Parse(string key) => key.Split(':', 3) is [{ Length: > 0 } template, var about, .. var rest] && Guid.TryParse(about, out var id)
        ? new(template, id, rest is [var occasion] ? occasion : "")
        : throw new FormatException($"\u201c{key}\u201d is not template:id.");
}

/// <summary>A message that is to be sent.</summary>
/// <param name="Recipient">An email address or a phone number.</param>
/// <param name="Subject">Of a mail.</param>
/// <param name="Text">What it says.</param>
/// <param name="Html">The same as HTML; empty for a text message.</param>
internal sealed record Draft(string Recipient, string Subject, string Text, string Html)
{
    public NotificationChannel Channel { get; init; }

    /// <summary>It opens an account to whoever reads it, so it is kept nowhere but in the recipient's mailbox.</summary>
    public bool IsSecret { get; init; }
}
