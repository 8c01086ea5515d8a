using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Retail.Tests.Support;

/// <summary>
/// Stands between a store and its PostgreSQL and blanks out a piece of SQL on its way, so that a test can take a lock out of the
/// very statements that the store sends. What it puts there is as long, so that the protocol's lengths stay right.
/// </summary>
internal sealed class AlteredSql : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _piece;
    private readonly string _socket;
    private int _altered;

    /// <param name="connectionString">The server, by its Unix socket's folder.</param>
    /// <param name="piece">What is blanked out wherever it is sent.</param>
    public AlteredSql(string connectionString, string piece)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        _socket = Path.Combine(address.Host!, $".s.PGSQL.{address.Port}");
        _piece = Encoding.UTF8.GetBytes(piece);
        _listener.Start();
        (address.Host, address.Port, address.SslMode) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode.Disable);
        ConnectionString = address.ConnectionString;
        _ = AcceptAsync();
    }

    /// <summary>The same database through here.</summary>
    public string ConnectionString { get; }

    /// <summary>How often the piece came along.</summary>
    public int Altered => Volatile.Read(ref _altered);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(stop), stop);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(TcpClient store, CancellationToken stop)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (store)
        {
            try
            {
                await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), stop);
                await using var there = new NetworkStream(server);
                await using var back = store.GetStream();
                await Task.WhenAny(AlterAsync(back, there, stop), there.CopyToAsync(back, stop));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side hung up, or the test is over.
            }
        }
    }

    private async Task AlterAsync(Stream from, Stream to, CancellationToken stop)
    {
        var (buffer, held) = (new byte[64 * 1024], 0);
        while (await from.ReadAsync(buffer.AsMemory(held), stop) is > 0 and var read)
        {
            var length = held + read;
            Blank(buffer.AsSpan(0, length));
            // A piece may be cut in two by the reading: its beginning waits for the rest.
            held = Beginning(buffer.AsSpan(0, length));
            await to.WriteAsync(buffer.AsMemory(0, length - held), stop);
            buffer.AsSpan(length - held, held).CopyTo(buffer);
        }
    }

    private void Blank(Span<byte> sent)
    {
        for (var at = sent.IndexOf(_piece); at >= 0; at = sent.IndexOf(_piece))
        {
            sent.Slice(at, _piece.Length).Fill((byte)' ');
            Interlocked.Increment(ref _altered);
        }
    }

    private int Beginning(ReadOnlySpan<byte> sent)
    {
        for (var length = Math.Min(_piece.Length - 1, sent.Length); length > 0; length--)
            if (sent[^length..].SequenceEqual(_piece.AsSpan(0, length))) return length;
        return 0;
    }
}
