using System.Net.Mail;
using System.Net.Mime;
using System.Text;

namespace Retail.Core.Notifications;

/// <summary>A mail as the framework's message: plain text and HTML as alternatives.</summary>
internal static class Mime
{
    /// <summary>Makes the message; the caller disposes of it.</summary>
    /// <exception cref="RefusedForGoodException">The recipient is no address.</exception>
    public static MailMessage Of(Mail mail)
    {
        // Both parsers refuse line breaks, so that no address can bring a header along.
        if (!MailAddress.TryCreate(mail.To, out var to) || to.Address != mail.To) throw new RefusedForGoodException("This is not an address that mail can be sent to.");
        var message = new MailMessage
        {
            From = new MailAddress(mail.From, OneLine(mail.FromName), Encoding.UTF8),
            Subject = OneLine(mail.Subject),
            SubjectEncoding = Encoding.UTF8,
            HeadersEncoding = Encoding.UTF8,
        };
        message.To.Add(to);
        message.Headers.Add("Message-ID", mail.MessageId);
        // No answer from a holiday, please (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        // The last alternative is the one that programs prefer.
        message.AlternateViews.Add(View(mail.Text, MediaTypeNames.Text.Plain));
        message.AlternateViews.Add(View(mail.Html, MediaTypeNames.Text.Html));
        return message;
    }

    /// <summary>Whatever a name or a product is called, a header has one line.</summary>
    public static string OneLine(string text) => string.Join(' ', string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static AlternateView View(string content, string type)
    {
        var view = AlternateView.CreateAlternateViewFromString(content, Encoding.UTF8, type);
        view.TransferEncoding = TransferEncoding.QuotedPrintable;
        return view;
    }
}
