using System.Net;
using System.Net.Mail;

namespace Retail.Core.Notifications;

/// <summary>Sends over SMTP, with a connection for each mail.</summary>
internal sealed class SmtpSender(string name, MailProviderOptions provider, TimeSpan timeout) : IMailSender
{
    // 550 no such mailbox, 551 not here, 553 no such name. Other refusals (552 mailbox full, 554 policy) may pass.
    private static readonly SmtpStatusCode[] ForGood =
        [SmtpStatusCode.MailboxUnavailable, SmtpStatusCode.UserNotLocalTryAlternatePath, SmtpStatusCode.MailboxNameNotAllowed];

    public string Name => name;

    public async Task SendAsync(Mail mail, CancellationToken ct)
    {
        using var message = Mime.Of(mail);
        using var client = new SmtpClient(provider.Host, provider.Port) { EnableSsl = provider.Tls, DeliveryMethod = SmtpDeliveryMethod.Network };
        if (provider.User.Length > 0) client.Credentials = new NetworkCredential(provider.User, provider.Password);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            await client.SendMailAsync(message, limit.Token);
        }
        catch (SmtpFailedRecipientException e) when (ForGood.Contains(e.StatusCode))
        {
            throw new RefusedForGoodException($"{provider.Host} does not know the recipient: {e.StatusCode}.", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ProviderAwayException($"{provider.Host} did not answer within {timeout.TotalSeconds:0.#} s.", e);
        }
        // An InvalidOperationException is a server without the sign-in or encryption that is asked for.
        catch (Exception e) when (e is SmtpException or IOException or InvalidOperationException or System.Security.Authentication.AuthenticationException)
        {
            throw new ProviderAwayException($"{provider.Host}: {e.Message} {e.InnerException?.Message}".TrimEnd(), e);
        }
    }
}
