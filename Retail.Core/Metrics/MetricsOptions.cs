using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Metrics;

/// <summary>How metric rows are collected; bound from "Metrics", checked at start.</summary>
public sealed class MetricsOptions
{
    /// <summary>Whether anything is recorded at all; off only to find out what it costs.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Rows that may wait for the database; when as many wait, new ones are dropped and counted.</summary>
    [Range(10, 1_000_000)] public int Capacity { get; init; } = 10_000;

    /// <summary>Days that rows are kept; older ones are dropped a day at a time.</summary>
    [Range(2, 3650)] public int KeepDays { get; init; } = 90;

    /// <summary>Days that roll-ups by minute are kept; those by hour and day stay.</summary>
    [Range(2, 3650)] public int KeepMinutesDays { get; init; } = 8;

    /// <summary>What a scraper of /metrics must send as bearer token; without one only this machine is answered.</summary>
    [MinLength(16)] public string? ScrapeToken { get; init; }

    /// <summary>Time between two writes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")] public TimeSpan FlushEvery { get; init; } = TimeSpan.FromSeconds(1);
}
