using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Jobs.Runs;

/// <summary>Where a run stands.</summary>
public enum JobRunStatus
{
    /// <summary>To be done when due; with tries behind it, it has failed and will be tried again.</summary>
    Waiting,

    /// <summary>A worker is at it.</summary>
    Running,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Tried too often; an admin looks at it.</summary>
    Dead,

    /// <summary>Was dead, and an admin said that it need not be done.</summary>
    Discarded,
}

/// <summary>One run of a job, with all its tries. The engine says when and where; this row says what became of it, whichever engine it is.</summary>
public sealed class JobRun
{
    /// <summary>Key, rising.</summary>
    public Guid Id { get; private init; }

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>What it is about; empty for a recurring job. One run of a name and key waits or runs at a time.</summary>
    public required string Key { get; init; }

    /// <summary>What it is told, as JSON.</summary>
    public required string Args { get; init; }

    /// <summary>Where it stands.</summary>
    public JobRunStatus Status { get; init; }

    /// <summary>How often it was tried, the running try included.</summary>
    public int Tries { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>Not to be tried before, UTC.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>When the engine was last told of it, UTC.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>When the last try began, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last try ended, UTC.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What went wrong at the last try.</summary>
    public string? Error { get; init; }

    /// <summary>The worker of the last try.</summary>
    public string? Node { get; init; }

    /// <summary>The request that asked for it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The drill that it belongs to.</summary>
    public Guid? DrillId { get; init; }

    /// <summary>The admin who started, requeued or discarded it.</summary>
    public string? DecidedBy { get; init; }
}

/// <summary>A recurring job that an admin has stopped for now.</summary>
public sealed class PausedJob
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>Who stopped it.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>A worker that says every two seconds that it lives.</summary>
public sealed class WorkerNode
{
    /// <summary>Machine, process and a word that no other start of it has.</summary>
    public required string Node { get; init; }

    /// <summary>The job engine that it runs.</summary>
    public required string Engine { get; init; }

    /// <summary>When it started, by the database's clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it last said that it lives, by the database's clock.</summary>
    public DateTimeOffset SeenAt { get; init; }
}

internal sealed class JobRunMap : IEntityTypeConfiguration<JobRun>, IEntityTypeConfiguration<PausedJob>, IEntityTypeConfiguration<WorkerNode>
{
    public void Configure(EntityTypeBuilder<JobRun> builder)
    {
        builder.ToTable("job_runs");
        builder.Property(r => r.Job).HasMaxLength(60);
        builder.Property(r => r.Key).HasMaxLength(100);
        builder.Property(r => r.Error).HasMaxLength(1000);
        builder.Property(r => r.Node).HasMaxLength(100);
        builder.Property(r => r.RequestId).HasMaxLength(50);
        builder.Property(r => r.DecidedBy).HasMaxLength(254);
        builder.HasIndex(r => new { r.Job, r.Key }).IsUnique().HasFilter("status IN ('Waiting', 'Running')").HasDatabaseName("ux_job_runs_open");
        builder.HasIndex(r => new { r.Job, r.FinishedAt });
        builder.HasIndex(r => new { r.Status, r.DueAt });
    }

    public void Configure(EntityTypeBuilder<PausedJob> builder)
    {
        builder.ToTable("paused_jobs").HasKey(p => p.Job);
        builder.Property(p => p.Job).HasMaxLength(60);
        builder.Property(p => p.By).HasMaxLength(254);
    }

    public void Configure(EntityTypeBuilder<WorkerNode> builder)
    {
        builder.ToTable("workers").HasKey(w => w.Node);
        builder.Property(w => w.Node).HasMaxLength(100);
        builder.Property(w => w.Engine).HasMaxLength(30);
    }
}
