using System.Globalization;

namespace Retail.Core.Common.Logs;

/// <summary>The file of log lines: rolled by size and by day, the oldest dropped. Used by one thread.</summary>
internal sealed class RollingFile(LogsOptions options) : IDisposable
{
    private const int Siblings = 9;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);
    private FileStream? _file;
    private DateTimeOffset _retryAt;
    private DateOnly _day;

    /// <summary>Appends whole lines. Answers why it can't, once for each time that the file is lost; then it is tried each minute.</summary>
    public string? Append(ReadOnlySpan<byte> lines, DateTimeOffset now)
    {
        if (_file is null && now < _retryAt) return null;
        try
        {
            _file ??= Open(now);
            if (_file.Length > 0 && (_file.Length + lines.Length > options.FileSizeLimit || _day < DateOnly.FromDateTime(now.UtcDateTime))) Roll(now);
            _file.Write(lines);
            _file.Flush();
            return null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            _retryAt = now + RetryAfter;
            _file?.Dispose();
            _file = null;
            return ex.Message;
        }
    }

    /// <summary>The file that is being written; null when there is none.</summary>
    public string? Current => Volatile.Read(ref _file)?.Name;

    /// <summary>Reads what was written, for any thread: nobody else may open the file. 0 at its end, or when it is rolled meanwhile.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        try
        {
            return Volatile.Read(ref _file) is { } file ? RandomAccess.Read(file.SafeFileHandle, buffer, offset) : 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public void Dispose() => _file?.Dispose();

    // Opened for this process alone: two that append to one file overwrite each other's lines, so a second node beside
    // the first takes application-2.log.
    private FileStream Open(DateTimeOffset now)
    {
        Directory.CreateDirectory(options.Folder);
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(options.Folder, number == 1 ? options.File : $"{Path.GetFileNameWithoutExtension(options.File)}-{number}.log");
            try
            {
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                file.Seek(0, SeekOrigin.End);
                _day = DateOnly.FromDateTime(file.Length == 0 ? now.UtcDateTime : File.GetLastWriteTimeUtc(path));
                return file;
            }
            catch (IOException) when (number < Siblings && File.Exists(path)) { }   // held by another process: the next name
        }
    }

    private void Roll(DateTimeOffset now)
    {
        var path = _file!.Name;
        var name = Path.GetFileNameWithoutExtension(path);
        _file.Dispose();
        _file = null;
        File.Move(path, Path.Combine(options.Folder, string.Create(CultureInfo.InvariantCulture, $"{name}.{now.UtcDateTime:yyyyMMddTHHmmssfffffff}.log")));
        var rolled = Directory.GetFiles(options.Folder, $"{name}.*.log").Order(StringComparer.Ordinal).ToArray();
        foreach (var old in rolled.SkipLast(options.FilesKept - 1)) File.Delete(old);
        _file = Open(now);
    }
}
