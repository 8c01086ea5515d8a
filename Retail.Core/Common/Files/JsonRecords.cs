using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Retail.Core.Common.Files;

/// <summary>A value of a JSON file as it stands there.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Value">The value; undefined when there is a problem. Valid until the next one is asked for.</param>
/// <param name="Problem">Why it can't be read; null when it can.</param>
/// <param name="IsLast">Nothing after it was read, because of the problem.</param>
internal sealed record JsonRecord(long Line, JsonElement Value, string? Problem = null, bool IsLast = false);

/// <summary>Reads the values of a JSON array, or of JSON lines, one by one; never holds more than one value and the read buffer.</summary>
internal sealed class JsonRecords : IDisposable
{
    /// <summary>The largest value, in bytes.</summary>
    public const int MaxValueBytes = 1024 * 1024;

    private const string Cut = "the file ends in the middle, so the rest was not read";
    private const string Broken = "not JSON from here on, so the rest of the file was not read";
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowMultipleValues = true };

    private readonly Stream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _from, _to;
    private long _line = 1;
    private bool _isEnd;
    private JsonDocument? _current;

    private JsonRecords(Stream stream) => _stream = stream;

    /// <summary>All values of a stream that is read once: the elements of an array, or the values one after the other (JSON lines).</summary>
    public static async IAsyncEnumerable<JsonRecord> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken ct)
    {
        using var records = new JsonRecords(stream);
        await records.FillAsync(ct);
        if (records.Unread.StartsWith("\ufeff"u8)) records._from += 3;
        var isArray = await records.SkipAsync(separators: [], ct) == '[';
        if (isArray) records._from++;
        while (true)
        {
            var next = await records.SkipAsync(isArray ? ","u8.ToArray() : [], ct);
            if (isArray && next == ']') yield break;
            if (next is null && !isArray) yield break;
            var record = next is null ? new JsonRecord(records._line, default, Cut, IsLast: true) : await records.NextAsync(isArray, ct);
            yield return record;
            if (record.IsLast) yield break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _current?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_from.._to);

    private async Task<JsonRecord> NextAsync(bool isArray, CancellationToken ct)
    {
        var line = _line;
        while (true)
        {
            try
            {
                if (TryParse() is { } value) return new(line, value);
            }
            catch (JsonException e)
            {
                var at = line + (e.LineNumber ?? 0);
                // In JSON lines the next line is a new beginning; in an array nothing after the break can be understood.
                if (isArray) return new(at, default, Broken, IsLast: true);
                await SkipLineAsync(ct);
                return new(line, default, "not JSON");
            }
            if (_isEnd) return new(line, default, Cut, IsLast: true);
            if (_to - _from > MaxValueBytes) return new(line, default, $"a value of more than {MaxValueBytes / 1024 / 1024} MB, so the rest of the file was not read", IsLast: true);
            await FillAsync(ct);
        }
    }

    private JsonElement? TryParse()
    {
        // Not the final block even at the end, so that a cut is told from a break: a number at the very end is no row anyway.
        var reader = new Utf8JsonReader(Unread, isFinalBlock: false, new JsonReaderState(Lenient));
        if (!JsonDocument.TryParseValue(ref reader, out var document)) return null;
        _current?.Dispose();
        _current = document;
        Take((int)reader.BytesConsumed);
        return document.RootElement;
    }

    // Leads to the first byte that is neither white space nor a separator; null at the end.
    private async Task<char?> SkipAsync(byte[] separators, CancellationToken ct)
    {
        while (true)
        {
            var blank = 0;
            foreach (var b in Unread)
            {
                if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') && !separators.AsSpan().Contains(b)) break;
                blank++;
            }
            Take(blank);
            if (_from < _to) return (char)_buffer[_from];
            if (_isEnd) return null;
            await FillAsync(ct);
        }
    }

    private async Task SkipLineAsync(CancellationToken ct)
    {
        while (true)
        {
            var end = Unread.IndexOf((byte)'\n');
            Take(end < 0 ? _to - _from : end + 1);
            if (end >= 0 || _isEnd) return;
            await FillAsync(ct);
        }
    }

    private void Take(int bytes)
    {
        _line += _buffer.AsSpan(_from, bytes).Count((byte)'\n');
        _from += bytes;
    }

    private async Task FillAsync(CancellationToken ct)
    {
        if (_from > 0)
        {
            Unread.CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }
        if (_to == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            Unread.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var read = await _stream.ReadAsync(_buffer.AsMemory(_to), ct);
        _to += read;
        _isEnd = read == 0;
    }
}
