using System.ComponentModel.DataAnnotations;
using System.Net.Mail;
using Retail.Core.Common.Settings;

namespace Retail.Core.Notifications;

/// <summary>A provider that takes mail: over SMTP when <see cref="Host"/> is set, over HTTP when <see cref="Url"/> is.</summary>
public sealed class MailProviderOptions
{
    /// <summary>The SMTP server.</summary>
    [MaxLength(255)] public string Host { get; init; } = "";

    /// <summary>Its port: 587 for submission. Port 465 (TLS from the first byte) is not spoken.</summary>
    public int Port { get; init; } = 587;

    /// <summary>STARTTLS before anything is said; a server without it is not used.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>The SMTP account; empty for none.</summary>
    public string User { get; init; } = "";

    /// <summary>Its password.</summary>
    public string Password { get; init; } = "";

    /// <summary>Where a mail is posted as JSON, for services without SMTP.</summary>
    public string Url { get; init; } = "";

    /// <summary>Sent with it as bearer token.</summary>
    public string Key { get; init; } = "";

    /// <summary>It can be used.</summary>
    public bool IsSet => Host.Length > 0 || Url.Length > 0;

    internal IEnumerable<ValidationResult> Problems(string name)
    {
        if (Host.Length > 0 && Url.Length > 0) yield return new($"{name} has a Host and a Url: set one of them.");
        if (Port is < 1 or > 65535) yield return new($"{name}:Port must be 1 to 65535.");
        if (Host.Length > 0 && User.Length > 0 && !Tls && !IsHere(Host)) yield return new($"{name}:Tls must be on: a password is never sent in the clear.");
        if (Url.Length == 0) yield break;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) yield return new($"{name}:Url must be an http or https address.");
        else if (url.Scheme == "http" && Key.Length > 0 && !url.IsLoopback) yield return new($"{name}:Url must be https: a key is never sent in the clear.");
    }

    private static bool IsHere(string host) => host is "localhost" or "127.0.0.1" or "::1";
}

/// <summary>Settings "Mail". With neither provider set, mail is written to a folder and goes nowhere.</summary>
public sealed class MailOptions : IValidatableObject
{
    /// <summary>Who writes: an address of the shop.</summary>
    [NeededInProduction("Set Mail__From to the address that the shop writes from, such as shop@example.com.", Refused = ["shop@localhost"])]
    [Required, MaxLength(254)] public string From { get; init; } = "shop@localhost";

    /// <summary>Where mail goes first.</summary>
    [NeededInProduction("Set Mail__Primary__Host to the SMTP server, or Mail__Primary__Url to a mail service: without one mail reaches nobody.", Inner = nameof(MailProviderOptions.Host), Or = nameof(MailProviderOptions.Url))]
    public MailProviderOptions Primary { get; init; } = new();

    /// <summary>Where it goes when the first did not take it.</summary>
    public MailProviderOptions Fallback { get; init; } = new();

    /// <summary>The longest that one try at one provider may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where mail is written without a provider; empty for mail/ in RETAIL_DATA, or in .data.</summary>
    public string Folder { get; init; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!MailAddress.TryCreate(From, out var from) || from.Address != From) yield return new("Mail:From must be an address such as shop@example.com.");
        if (Fallback.IsSet && !Primary.IsSet) yield return new("Mail:Fallback is set and Mail:Primary is not: set the first one first.");
        foreach (var problem in Primary.Problems("Mail:Primary").Concat(Fallback.Problems("Mail:Fallback"))) yield return problem;
    }
}

/// <summary>Settings "Sms". Without a Url no text message is sent.</summary>
public sealed class SmsOptions : IValidatableObject
{
    /// <summary>Where a text message is posted as JSON.</summary>
    public string Url { get; init; } = "";

    /// <summary>Sent with it as bearer token.</summary>
    public string Key { get; init; } = "";

    /// <summary>The sender that phones show; empty for the provider's own.</summary>
    [MaxLength(20)] public string From { get; init; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => new MailProviderOptions { Url = Url, Key = Key }.Problems("Sms");
}
