using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace Retail.Core.Common.Logs;

/// <summary>Where log lines go; bound from "Logs", checked at start.</summary>
public sealed class LogsOptions
{
    /// <summary>Folder of the log file, made when missing; relative to the working directory.</summary>
    [Required(AllowEmptyStrings = false)] public string Folder { get; init; } = "logs";

    /// <summary>Name of the file that is being written; rolled ones carry the instant they were closed at.</summary>
    [Required, RegularExpression(@"[A-Za-z0-9_-]+\.log")] public string File { get; init; } = "application.log";

    /// <summary>The least level that is written; the framework's own categories stay at Warning.</summary>
    [EnumDataType(typeof(LogLevel))] public LogLevel MinimumLevel { get; init; } = LogLevel.Information;

    /// <summary>Lines also go to standard output.</summary>
    public bool Console { get; init; } = true;

    /// <summary>Lines that may wait to be written; when as many wait, new ones are dropped and counted.</summary>
    [Range(100, 1_000_000)] public int QueueLength { get; init; } = 10_000;

    /// <summary>Bytes after which the file is rolled; it is also rolled at midnight UTC.</summary>
    [Range(1_000, 2_000_000_000)] public long FileSizeLimit { get; init; } = 50_000_000;

    /// <summary>Files kept, the one being written included.</summary>
    [Range(1, 1_000)] public int FilesKept { get; init; } = 14;
}
