using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Retail.Core.Notifications;

/// <summary>Who delivers, in the order to be asked.</summary>
public sealed class MailProviders : IDisposable
{
    // One pool of connections; followed redirects would carry the key to another host.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    /// <summary>Makes them of the settings.</summary>
    public MailProviders(IOptions<MailOptions> mail, IOptions<SmsOptions> sms, ILogger<MailProviders> logger)
    {
        ArgumentNullException.ThrowIfNull(mail);
        ArgumentNullException.ThrowIfNull(sms);
        var options = mail.Value;
        Mail = [.. new[] { Make("primary", options.Primary, options.Timeout), Make("fallback", options.Fallback, options.Timeout) }.OfType<IMailSender>()];
        // One try at each, and room for the rows around them.
        Lease = options.Timeout * Math.Max(1, Mail.Count) + TimeSpan.FromSeconds(20);
        if (sms.Value.Url.Length > 0) Sms = new(new HttpPost(_http, sms.Value.Url, sms.Value.Key, options.Timeout), sms.Value.From);
        if (Mail.Count > 0) return;
        var folder = Path.GetFullPath(options.Folder.Length > 0 ? options.Folder : Path.Combine(DataFolder, "mail"));
        Mail = [new FolderSender(folder)];
        logger.MailGoesToFolder(folder);
    }

    /// <summary>The first is asked first; the folder alone when no provider is set.</summary>
    public IReadOnlyList<IMailSender> Mail { get; }

    /// <summary>No provider is set: nothing reaches anybody.</summary>
    public bool IsFolder => Mail is [FolderSender];

    /// <summary>Sends text messages; null when none is set.</summary>
    internal SmsSender? Sms { get; }

    /// <summary>The longest that sending one message may take.</summary>
    public TimeSpan Lease { get; }

    private static string DataFolder => Environment.GetEnvironmentVariable("RETAIL_DATA") is { Length: > 0 } folder ? folder : ".data";

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private IMailSender? Make(string name, MailProviderOptions provider, TimeSpan timeout) => provider switch
    {
        { Host.Length: > 0 } => new SmtpSender(name, provider, timeout),
        { Url.Length: > 0 } => new HttpSender(name, new HttpPost(_http, provider.Url, provider.Key, timeout)),
        _ => null,
    };
}
