using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Content;

/// <summary>A file as formats read it: unpacked if it is gzip, counted, stopped at a bound. Compressed data that is damaged or cut off is told in words.</summary>
internal sealed class UnpackedStream(Stream file, bool isGzip, long most) : ReadOnlyStream
{
    private readonly TailStream _packed = new(file);
    private Stream? _unpacked;
    private long _total;

    private Stream Inner => _unpacked ??= isGzip ? new GZipStream(_packed, CompressionMode.Decompress) : _packed;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(Inner.Read(buffer), buffer.Length);
        }
        catch (InvalidDataException)
        {
            throw Damaged();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await Inner.ReadAsync(buffer, cancellationToken), buffer.Length);
        }
        catch (InvalidDataException)
        {
            throw Damaged();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int read, int wanted)
    {
        _total += read;
        if (_total > most) throw new FeedUnreadableException(FeedCodes.TooLarge, string.Create(CultureInfo.InvariantCulture, $"The file unpacks to more than {most / 1_000_000} MB. Send it in parts."));
        // gzip ends with the size of what it holds; the framework takes a cut for an end.
        if (read == 0 && wanted > 0 && isGzip && _packed.LastFour != unchecked((uint)_total)) throw Damaged();
        return read;
    }

    private static FeedUnreadableException Damaged() => new(FeedCodes.BadCompression, "The compressed file is damaged, cut off, or made of several pieces. Compress it once more, and send it.");

    /// <summary>Remembers the last bytes that passed.</summary>
    private sealed class TailStream(Stream inner) : ReadOnlyStream
    {
        private readonly byte[] _last = new byte[4];

        public uint LastFour => BinaryPrimitives.ReadUInt32LittleEndian(_last);

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            Keep(buffer[..read]);
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Keep(buffer.Span[..read]);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private void Keep(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length >= 4) bytes[^4..].CopyTo(_last);
            else
            {
                _last.AsSpan(bytes.Length).CopyTo(_last);
                bytes.CopyTo(_last.AsSpan(4 - bytes.Length));
            }
        }
    }
}
