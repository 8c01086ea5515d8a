using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Retail.Tests.Support;

/// <summary>A mail as an SMTP server got it.</summary>
public sealed record SunkMail(string From, string To, string Data)
{
    public string Header(string name) => Unfolded.Split("\r\n\r\n", 2)[0].Split("\r\n").SingleOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";

    private string Unfolded => Data.Replace("\r\n ", " ", StringComparison.Ordinal).Replace("\r\n\t", " ", StringComparison.Ordinal);
}

/// <summary>A small SMTP server on a real socket that keeps what it gets. It can be mute, busy, or know no recipient.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public SmtpSink()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public ConcurrentQueue<SunkMail> Mails { get; } = new();

    /// <summary>What it says to RCPT TO.</summary>
    public string RecipientAnswer { get; set; } = "250 OK";

    /// <summary>What it says to the mail itself.</summary>
    public string DataAnswer { get; set; } = "250 OK";

    /// <summary>Takes connections and says nothing.</summary>
    public bool IsMute { get; set; }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>Nobody listens any more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (IsMute) await Task.Delay(Timeout.Infinite, _stop.Token);
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 sink");
                var (from, to) = ("", "");
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                    if (verb == "MAIL") from = line;
                    if (verb == "RCPT") to = line;
                    if (verb == "DATA")
                    {
                        await writer.WriteLineAsync("354 go on");
                        var data = new StringBuilder();
                        while (await reader.ReadLineAsync(_stop.Token) is { } row && row != ".") data.Append(row.StartsWith('.') ? row[1..] : row).Append("\r\n");
                        if (DataAnswer.StartsWith('2')) Mails.Enqueue(new(from, to, data.ToString()));
                    }
                    await writer.WriteLineAsync(verb switch { "RCPT" => RecipientAnswer, "DATA" => DataAnswer, "QUIT" => "221 bye", _ => "250 OK" });
                    if (verb == "QUIT") return;
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The other side went, or the test is over.
            }
        }
    }
}
