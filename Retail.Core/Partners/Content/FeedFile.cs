using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Content;

/// <summary>
/// A file to be read by a format: unpacked, and looked through once before, so that a format knows its encoding. It can be opened as
/// often as wanted, each time from its start.
/// </summary>
public sealed class FeedFile
{
    private const int HeadBytes = 16 * 1024;

    private readonly Func<Stream> _open;
    private readonly long _maxBytes;
    private bool _isGzip;

    private FeedFile(Func<Stream> open, long maxBytes) => (_open, _maxBytes) = (open, maxBytes);

    /// <summary>Size, unpacked.</summary>
    public long Bytes { get; private set; }

    /// <summary>The first bytes, a byte order mark left out; at most 16 KB.</summary>
    public ReadOnlyMemory<byte> Head { get; private set; }

    /// <summary>The line of the first byte that is not UTF-8; null when all are.</summary>
    public long? NotUtf8OnLine { get; private set; }

    /// <summary>It begins with the byte order mark of UTF-16.</summary>
    public bool IsUtf16 { get; private set; }

    /// <summary>Looks a file through: unpacks it if it is gzip, up to a bound, and finds out its encoding.</summary>
    /// <param name="open">Opens it anew.</param>
    /// <param name="maxBytes">The most bytes that it may unpack to.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="FeedUnreadableException">It is empty, too large or can't be unpacked.</exception>
    public static async Task<FeedFile> InspectAsync(Func<Stream> open, long maxBytes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(open);
        var file = new FeedFile(open, maxBytes);
        await using (var raw = open())
        {
            var magic = new byte[2];
            file._isGzip = await raw.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, ct) == 2 && magic is [0x1f, 0x8b];
        }
        await file.LookThroughAsync(ct);
        if (file.Bytes == 0) throw new FeedUnreadableException(FeedCodes.EmptyFile, "The file is empty.");
        return file;
    }

    /// <summary>Opens it, unpacked, from its start.</summary>
    public Stream Open() => new UnpackedStream(_open(), _isGzip, _maxBytes);

    /// <summary>The encoding for formats that take Latin-1 as well as UTF-8; null for UTF-8 or what a byte order mark says.</summary>
    public Encoding? Encoding => NotUtf8OnLine is null || IsUtf16 ? null : System.Text.Encoding.Latin1;

    /// <summary>For formats that are UTF-8 by definition.</summary>
    /// <exception cref="FeedUnreadableException">It is not.</exception>
    public void MustBeUtf8()
    {
        if (IsUtf16) throw new FeedUnreadableException(FeedCodes.BadEncoding, "The file is in UTF-16. Save it as UTF-8.");
        if (NotUtf8OnLine is { } line) throw new FeedUnreadableException(FeedCodes.BadEncoding, string.Create(CultureInfo.InvariantCulture, $"Line {line} is not text in UTF-8. Save the file as UTF-8."));
    }

    private async Task LookThroughAsync(CancellationToken ct)
    {
        await using var stream = Open();
        var buffer = new byte[128 * 1024];
        var (carried, line, isFirst) = (0, 1L, true);
        while (true)
        {
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(carried), buffer.Length - carried, throwOnEndOfStream: false, ct);
            var all = buffer.AsMemory(0, carried + read);
            Bytes += read;
            if (isFirst)
            {
                isFirst = false;
                IsUtf16 = all.Span.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || all.Span.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]);
                var text = all.Span.StartsWith(System.Text.Encoding.UTF8.Preamble) ? all[3..] : all;
                Head = text[..Math.Min(text.Length, HeadBytes)].ToArray();
            }
            if (NotUtf8OnLine is null) carried = Check(all.Span, isLast: all.Length < buffer.Length, ref line);
            else carried = 0;
            if (all.Length < buffer.Length) return;
            all.Span[^carried..].CopyTo(buffer);
        }
    }

    // Answers how many bytes at the end are the beginning of a character that goes on in the next piece.
    private int Check(ReadOnlySpan<byte> bytes, bool isLast, ref long line)
    {
        var open = isLast ? 0 : OpenBytes(bytes);
        var whole = bytes[..^open];
        if (!Utf8.IsValid(whole))
        {
            NotUtf8OnLine = line + whole[..FirstBad(whole)].Count((byte)'\n');
            return 0;
        }
        line += whole.Count((byte)'\n');
        return open;
    }

    private static int OpenBytes(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var b = bytes[^back];
            if (b < 0x80) return 0;
            if (b >= 0xc0) return back < (b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2) ? back : 0;
        }
        return 0;
    }

    private static int FirstBad(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out var used) == System.Buffers.OperationStatus.Done) at += used;
        return at;
    }
}
