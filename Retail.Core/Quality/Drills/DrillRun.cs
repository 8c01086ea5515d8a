using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Quality.Drills;

/// <summary>What became of a drill.</summary>
public enum DrillStatus
{
    /// <summary>It is under way.</summary>
    Running,

    /// <summary>Every figure that had to hold held.</summary>
    Passed,

    /// <summary>One did not, or the drill could not be brought to its end.</summary>
    Failed,

    /// <summary>Somebody stopped it, or its process is gone.</summary>
    Stopped,
}

/// <summary>One drill that was run: what was asked, how far it is, what came of it. It stays; the goods and orders that it made do not.</summary>
public sealed class DrillRun
{
    /// <summary>Key; every row that the drill causes carries it as drill_id.</summary>
    public Guid Id { get; init; }

    /// <summary>Which drill, such as flash-sale.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public DrillStatus Status { get; private init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>UTC; null while it runs.</summary>
    public DateTimeOffset? FinishedAt { get; private init; }

    /// <summary>What it was told, as JSON: numbers by name.</summary>
    public required string Parameters { get; init; }

    /// <summary>What it said on its way, as JSON: a list of <see cref="DrillStep"/>.</summary>
    public string Steps { get; private init; } = "[]";

    /// <summary>How far it is, in percent.</summary>
    public int Percent { get; private init; }

    /// <summary>What it found, as JSON: a <see cref="DrillResult"/>; null while it runs.</summary>
    public string? Result { get; private init; }

    /// <summary>Somebody wants it to stop.</summary>
    public bool IsStopAsked { get; private init; }

    /// <summary>The release that was drilled.</summary>
    public required string Release { get; init; }

    /// <summary>The process that ran it: machine and process id.</summary>
    public required string Node { get; init; }

    /// <summary>Who asked for it: an admin's name, or command line.</summary>
    public required string AskedBy { get; init; }
}

/// <summary>What a drill said on its way.</summary>
/// <param name="Seconds">Since its start.</param>
/// <param name="Text">One sentence.</param>
public sealed record DrillStep(double Seconds, string Text);

internal sealed class DrillRunMap : IEntityTypeConfiguration<DrillRun>
{
    public void Configure(EntityTypeBuilder<DrillRun> builder)
    {
        builder.ToTable("drills");
        builder.Property(d => d.Id).ValueGeneratedNever();
        builder.Property(d => d.Name).HasMaxLength(40);
        builder.Property(d => d.Parameters).HasColumnType("jsonb");
        builder.Property(d => d.Steps).HasColumnType("jsonb");
        builder.Property(d => d.Result).HasColumnType("jsonb");
        builder.Property(d => d.Release).HasMaxLength(100);
        builder.Property(d => d.Node).HasMaxLength(100);
        builder.Property(d => d.AskedBy).HasMaxLength(256);
        builder.HasIndex(d => new { d.StartedAt, d.Id });
        builder.HasIndex(d => new { d.Name, d.StartedAt });
    }
}

/// <summary>A worker's mark on a promise of the worker drill: it has begun it, and later that it has kept it.</summary>
public sealed class DrillMark
{
    /// <summary>The order that the promise is about.</summary>
    public Guid OrderId { get; init; }

    /// <summary>Which process: machine and process id.</summary>
    public required string Node { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset BegunAt { get; init; }

    /// <summary>UTC; null when it was not kept by this process.</summary>
    public DateTimeOffset? KeptAt { get; init; }

    /// <summary>The drill.</summary>
    public Guid DrillId { get; init; }
}

internal sealed class DrillMarkMap : IEntityTypeConfiguration<DrillMark>
{
    public void Configure(EntityTypeBuilder<DrillMark> builder)
    {
        builder.ToTable("drill_marks");
        builder.HasKey(m => new { m.OrderId, m.Node });
        builder.Property(m => m.Node).HasMaxLength(100);
        builder.HasIndex(m => m.DrillId);
    }
}
