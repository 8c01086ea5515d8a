using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Retail.Core.Common.Logs;

/// <summary>A line of the log as a person reads it.</summary>
/// <param name="Timestamp">UTC, as it was written.</param>
/// <param name="Level">DEBUG to ERROR.</param>
/// <param name="Logger">Who wrote it.</param>
/// <param name="Message">What happened.</param>
/// <param name="Extra">The line's values, as JSON.</param>
/// <param name="Exception">With its stack, or null.</param>
public sealed record LogLine(string Timestamp, string Level, string Logger, string Message, string Extra, string? Exception);

/// <summary>What was found.</summary>
/// <param name="Lines">Oldest first.</param>
/// <param name="IsCut">There were more.</param>
/// <param name="NotRead">Files that another process is writing.</param>
public sealed record FoundLines(IReadOnlyList<LogLine> Lines, bool IsCut, IReadOnlyList<string> NotRead);

/// <summary>Finds a request's lines in this node's log files.</summary>
public sealed class LogReader(LogLines writer, IOptions<LogsOptions> options)
{
    private const int MostLines = 200, Chunk = 256 * 1024;

    /// <summary>The lines of a request; one whose id tells when it came is looked for in the files of that time alone.</summary>
    public FoundLines Find(Guid requestId, CancellationToken ct)
    {
        var (needle, lines, notRead) = (Encoding.UTF8.GetBytes(requestId.ToString()), new List<LogLine>(), new List<string>());
        var since = BeganAt(requestId);
        var folder = new DirectoryInfo(options.Value.Folder);
        var current = writer.CurrentFile;
        foreach (var file in folder.Exists ? folder.GetFiles("*.log").OrderBy(f => f.LastWriteTimeUtc) : Enumerable.Empty<FileInfo>())
        {
            if (file.FullName == current || file.LastWriteTimeUtc < since) continue;
            try
            {
                using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                Search(stream.Read, needle, lines, ct);
            }
            catch (FileNotFoundException)
            {
                continue;   // rolled away meanwhile
            }
            catch (IOException)
            {
                notRead.Add(file.Name);
            }
            if (lines.Count > MostLines) break;
        }
        var offset = 0L;
        Search(buffer => { var read = writer.Read(offset, buffer); offset += read; return read; }, needle, lines, ct);
        return new([.. lines.Take(MostLines)], lines.Count > MostLines, notRead);
    }

    // A UUID of version 7 begins with the milliseconds of its making; clocks of a node go a little apart.
    private static DateTime BeganAt(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return id.Version == 7 ? DateTime.UnixEpoch.AddMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16).AddSeconds(-1) : DateTime.MinValue;
    }

    private delegate int Reading(Span<byte> buffer);

    private static void Search(Reading read, byte[] needle, List<LogLine> lines, CancellationToken ct)
    {
        var (buffer, kept) = (new byte[Chunk], 0);
        while (lines.Count <= MostLines)
        {
            ct.ThrowIfCancellationRequested();
            if (kept == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            if (read(buffer.AsSpan(kept)) is not (> 0 and var got)) return;
            var whole = buffer.AsSpan(0, kept + got);
            var end = whole.LastIndexOf((byte)'\n') + 1;
            foreach (var line in whole[..end].Split((byte)'\n'))
                if (whole[line].IndexOf(needle) >= 0 && Parse(whole[line]) is { } parsed) lines.Add(parsed);
            whole[end..].CopyTo(buffer);
            kept = whole.Length - end;
        }
    }

    private static LogLine? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = JsonElement.Parse(Encoding.UTF8.GetString(line));
            return new(Text("timestamp"), Text("level"), Text("logger"), Text("message"), json.TryGetProperty("extra", out var extra) ? extra.ToString() : "",
                json.TryGetProperty("exception", out var exception) ? exception.ToString() : null);

            string Text(string name) => json.TryGetProperty(name, out var value) ? value.ToString() : "";
        }
        catch (JsonException)
        {
            return null;   // a line that was cut when the disk was full
        }
    }
}
