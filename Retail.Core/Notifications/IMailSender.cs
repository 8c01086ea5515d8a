namespace Retail.Core.Notifications;

/// <summary>A mail to one recipient, ready to go.</summary>
public sealed record Mail
{
    /// <summary>The shop's address.</summary>
    public required string From { get; init; }

    /// <summary>The shop's name beside it.</summary>
    public required string FromName { get; init; }

    /// <summary>The recipient's address.</summary>
    public required string To { get; init; }

    /// <summary>One line.</summary>
    public required string Subject { get; init; }

    /// <summary>For programs that show no HTML, and for people who don't want it.</summary>
    public required string Text { get; init; }

    /// <summary>The same as HTML.</summary>
    public required string Html { get; init; }

    /// <summary>When it was written, UTC; the same at each try.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Always the same for the same message, so that a receiver can tell a repetition: 32 hex digits.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The Message-ID with its angle brackets.</summary>
    public string MessageId => $"<{Fingerprint}@{From[(From.IndexOf('@', StringComparison.Ordinal) + 1)..]}>";
}

/// <summary>Where the world begins: hands a mail to somebody who delivers it.</summary>
public interface IMailSender
{
    /// <summary>primary, fallback or folder.</summary>
    string Name { get; }

    /// <summary>Returns when the provider has taken the mail.</summary>
    /// <exception cref="RefusedForGoodException">The provider will never take this mail.</exception>
    /// <exception cref="ProviderAwayException">It might at another time.</exception>
    Task SendAsync(Mail mail, CancellationToken ct);
}

/// <summary>The provider will never take this message: there is no such address.</summary>
public sealed class RefusedForGoodException(string why, Exception? cause = null) : Exception(why, cause);

/// <summary>The provider did not answer, or is in trouble: it may take the message at another time.</summary>
public sealed class ProviderAwayException(string why, Exception? cause = null) : Exception(why, cause);
