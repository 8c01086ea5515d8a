using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using Serilog.Sinks.Async;

namespace Retail.Core.Common.Logs;

/// <summary>The far end of the log queue: formats each line once and writes it to standard output and to the file. Lines that
/// wait are written together, a lone one at once. One background thread calls it, and it may dawdle: nobody waits for it.</summary>
public sealed class LogLines : ILogEventSink, IAsyncLogEventSinkMonitor, IDisposable
{
    private const int WriteAtChars = 32_768, GatherMs = 10;
    private readonly JsonLineFormatter _formatter = new();
    private readonly StringWriter _text = new(CultureInfo.InvariantCulture);
    private readonly Stream? _console;
    private readonly RollingFile _file;
    private IAsyncLogEventSinkInspector? _queue;
    private long _reported, _droppedAtEnd, _wroteAt;
    private byte[] _bytes = new byte[WriteAtChars * 2];

    internal LogLines(LogsOptions options) =>
        (_console, _file) = (options.Console ? Console.OpenStandardOutput() : null, new RollingFile(options));

    /// <summary>Lines dropped since the start because the queue was full.</summary>
    public long Dropped => _queue?.DroppedMessagesCount ?? _droppedAtEnd;

    /// <summary>Lines that wait to be written.</summary>
    public int Waiting => _queue?.Count ?? 0;

    /// <summary>The file that this process writes; null when there is none.</summary>
    public string? CurrentFile => _file.Current;

    /// <summary>Reads the file that this process writes; 0 at its end.</summary>
    public int Read(long offset, Span<byte> buffer) => _file.Read(offset, buffer);

    /// <inheritdoc />
    public void Emit(LogEvent logEvent)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        _formatter.Format(logEvent, _text);
        // Under load a line comes just after the last was written; waking and writing for each would cost more than all the rest.
        if (Waiting == 0 && Environment.TickCount64 - _wroteAt < GatherMs) Thread.Sleep(GatherMs);
        var idle = Waiting == 0;
        if (idle && Dropped - _reported is > 0 and var dropped)
        {
            _reported += dropped;
            _formatter.Format(Warning(logEvent.Timestamp, $"Dropped {dropped} log lines because the queue was full"), _text);
        }
        if (idle || _text.GetStringBuilder().Length >= WriteAtChars) Write(logEvent.Timestamp);
    }

    /// <inheritdoc />
    public void StartMonitoring(IAsyncLogEventSinkInspector inspector) => _queue = inspector;

    /// <inheritdoc />
    public void StopMonitoring(IAsyncLogEventSinkInspector inspector) => (_droppedAtEnd, _queue) = (Dropped, null);

    /// <summary>Called when the queue has run dry for good.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _console?.Dispose();
        _text.Dispose();
    }

    private void Write(DateTimeOffset now)
    {
        var text = _text.GetStringBuilder();
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_bytes.Length < most) _bytes = new byte[most];
        var length = 0;
        foreach (var chunk in text.GetChunks()) length += Encoding.UTF8.GetBytes(chunk.Span, _bytes.AsSpan(length));
        text.Clear();
        _wroteAt = Environment.TickCount64;
        var lines = _bytes.AsSpan(0, length);
        ToConsole(_console, lines);
        if (_file.Append(lines, now) is not { } why) return;
        _formatter.Format(Warning(now, $"The log file can't be written and is left out for a minute: {why}"), _text);
        using var output = Console.OpenStandardOutput();
        ToConsole(output, Encoding.UTF8.GetBytes(text.ToString()));
        text.Clear();
    }

    // A closed pipe (the reader of our output went away) must not stop the file.
    private static void ToConsole(Stream? console, ReadOnlySpan<byte> lines)
    {
        try { console?.Write(lines); }
        catch (IOException ex) { Serilog.Debugging.SelfLog.WriteLine("Standard output is gone: {0}", ex.Message); }
    }

    private static LogEvent Warning(DateTimeOffset now, string message) => new(now, LogEventLevel.Warning, null,
        new MessageTemplate([new TextToken(message)]), [new LogEventProperty("SourceContext", new ScalarValue("retail.logs"))]);
}
