using System.Globalization;
using System.Net.Mail;

namespace Retail.Core.Notifications;

/// <summary>Writes each mail as a file that any mail program opens: for a shop without a provider.</summary>
internal sealed class FolderSender(string folder) : IMailSender
{
    public string Name => "folder";

    public async Task SendAsync(Mail mail, CancellationToken ct)
    {
        try
        {
            await WriteAsync(mail, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SmtpException)
        {
            throw new ProviderAwayException($"The mail could not be written: {e.Message}", e);
        }
    }

    private async Task WriteAsync(Mail mail, CancellationToken ct)
    {
        using var message = Mime.Of(mail);
        // Written aside and moved, so that nobody opens half a mail; one that is written twice has the same name, and is there once.
        var aside = CreateFolder(Path.Combine(Path.GetFullPath(folder), "." + mail.Fingerprint));
        using (var client = new SmtpClient { DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory, PickupDirectoryLocation = aside })
            await client.SendMailAsync(message, ct);
        var written = Directory.EnumerateFiles(aside).First();
        var name = string.Create(CultureInfo.InvariantCulture, $"{mail.WrittenAt.UtcDateTime:yyyyMMdd-HHmmss}-{mail.Fingerprint}.eml");
        File.Move(written, Path.Combine(folder, name), overwrite: true);
        Directory.Delete(aside, recursive: true);
    }

    // Mail is for its recipient: other accounts of the machine don't read it.
    private static string CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
