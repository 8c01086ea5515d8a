namespace Retail.Core.Notifications;

/// <summary>How a message travels.</summary>
public enum NotificationChannel
{
    /// <summary>By mail.</summary>
    Mail,

    /// <summary>As a text message to a phone.</summary>
    Sms,
}

/// <summary>Where a message stands.</summary>
public enum NotificationStatus
{
    /// <summary>To be sent, now or at the next try.</summary>
    Waiting,

    /// <summary>A provider has taken it.</summary>
    Sent,

    /// <summary>Every provider refused it for good: the address does not exist. It is not tried again.</summary>
    Refused,
}

/// <summary>One message to one recipient. Its key, channel and recipient are unique: that is what makes it go out once.</summary>
public sealed class Notification
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>The promise it keeps, such as order-confirmation-v2:0199...</summary>
    public required string Key { get; init; }

    /// <summary>The template with its version.</summary>
    public required string Template { get; init; }

    /// <summary>How it travels.</summary>
    public NotificationChannel Channel { get; init; }

    /// <summary>An email address or a phone number.</summary>
    public required string Recipient { get; init; }

    /// <summary>The subject of a mail; empty for a text message.</summary>
    public required string Subject { get; init; }

    /// <summary>What it says, so that each try sends the same. Null when it holds a secret, which is then made anew for each try.</summary>
    public string? Text { get; init; }

    /// <summary>What it says, as HTML; null like <see cref="Text"/>, and for text messages.</summary>
    public string? Html { get; init; }

    /// <summary>Where it stands.</summary>
    public NotificationStatus Status { get; set; } = NotificationStatus.Waiting;

    /// <summary>The worker that sends it has it until then; null when nobody has.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>When it was composed, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a provider took it, UTC.</summary>
    public DateTimeOffset? SentAt { get; set; }
}

/// <summary>How a try ended.</summary>
public enum TryOutcome
{
    /// <summary>Nothing was heard: it runs, or the process died in it and nobody knows whether the provider took the message.</summary>
    Started,

    /// <summary>The provider took it.</summary>
    Sent,

    /// <summary>The provider did not answer or is in trouble; another try may work.</summary>
    Failed,

    /// <summary>The provider will never take it.</summary>
    Refused,
}

/// <summary>A try to send a message through one provider. The row is there before the provider is called.</summary>
public sealed class NotificationTry
{
    /// <summary>Key, rising.</summary>
    public long Id { get; private init; }

    /// <summary>The message.</summary>
    public Guid NotificationId { get; init; }

    /// <summary>primary, fallback, folder or sms.</summary>
    public required string Provider { get; init; }

    /// <summary>How it ended.</summary>
    public TryOutcome Outcome { get; set; }

    /// <summary>Why it did not work; null when it did.</summary>
    public string? Error { get; set; }

    /// <summary>When it began, UTC.</summary>
    public DateTimeOffset At { get; init; }
}
