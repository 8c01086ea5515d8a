using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Metrics;

/// <summary>How metric rows are collected; bound from "Metrics", checked at start.</summary>
public sealed class MetricsOptions
{
    /// <summary>Rows that may wait for the database; when as many wait, new ones are dropped and counted.</summary>
    [Range(10, 1_000_000)] public int Capacity { get; init; } = 10_000;

    /// <summary>Time between two writes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")] public TimeSpan FlushEvery { get; init; } = TimeSpan.FromSeconds(1);
}
