using System.Diagnostics;

namespace Retail.Core.Metrics.Sampling;

/// <summary>Says each ten seconds that this node is alive, and how it and its pool are.</summary>
public sealed class NodeMetrics(DatabaseMeter database, NodeRole role) : IMetricSource
{
    private readonly Process _process = Process.GetCurrentProcess();
    private TimeSpan _cpu;
    private long _lookedAt = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void Record(MetricRecorder metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _process.Refresh();
        var memory = GC.GetGCMemoryInfo();
        var cpu = CpuPercent();
        var disk = new DriveInfo(Environment.CurrentDirectory);
        metrics.Record(MetricTypes.NodeSeen, Math.Round(ProcessStart.SecondsAgo, 1), new
        {
            role = role.Role,
            worker = role.Worker,
            memory_mb = Math.Round(_process.WorkingSet64 / 1048576.0, 1),
            memory_percent = Math.Round(100.0 * _process.WorkingSet64 / memory.TotalAvailableMemoryBytes, 2),
            cpu_percent = Math.Round(cpu, 1),
            disk_free_percent = Math.Round(100.0 * disk.AvailableFreeSpace / disk.TotalSize, 1),
        });
        var (busy, idle, max) = database.Pool();
        if (max > 0) metrics.Record(MetricTypes.PoolInUse, busy, new { idle, max });
    }

    // Of all processors together.
    private double CpuPercent()
    {
        var (used, now) = (_process.TotalProcessorTime, Stopwatch.GetTimestamp());
        var percent = 100 * (used - _cpu) / (Stopwatch.GetElapsedTime(_lookedAt, now) * Environment.ProcessorCount);
        (_cpu, _lookedAt) = (used, now);
        return Math.Clamp(percent, 0, 100);
    }
}
