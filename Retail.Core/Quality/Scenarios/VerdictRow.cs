using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Quality.Scenarios;

/// <summary>A stored verdict: a stretch of time in which nothing changed, an hour at most. Its first moment is kept as it was found, so that the evidence of a failure stays.</summary>
public sealed class VerdictRow
{
    /// <summary>Key, rising.</summary>
    public long Id { get; private init; }

    /// <summary>The scenario's id: A1.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>PASS, FAIL, NOT_EXERCISED or STALE.</summary>
    public string Status { get; init; } = "";

    /// <summary>The status was another one before.</summary>
    public bool IsChange { get; init; }

    /// <summary>Each measure with value, limit, window, sample and evidence, as JSON.</summary>
    public string Measures { get; init; } = "[]";

    /// <summary>The version of the catalogue that it goes by.</summary>
    public string Catalogue { get; init; } = "";

    /// <summary>The release that found it.</summary>
    public string Release { get; init; } = "";

    /// <summary>The process that found it: machine:process.</summary>
    public string Node { get; init; } = "";

    /// <summary>When it was found first, UTC.</summary>
    public DateTimeOffset EvaluatedAt { get; init; }

    /// <summary>When it was found last, UTC.</summary>
    public DateTimeOffset ConfirmedAt { get; init; }
}

internal sealed class VerdictRowMap : IEntityTypeConfiguration<VerdictRow>
{
    public void Configure(EntityTypeBuilder<VerdictRow> builder)
    {
        builder.ToTable("verdicts");
        builder.Property(v => v.Scenario).HasMaxLength(10);
        builder.Property(v => v.Status).HasMaxLength(20);
        builder.Property(v => v.Measures).HasColumnType("jsonb");
        builder.Property(v => v.Catalogue).HasMaxLength(64);
        builder.Property(v => v.Release).HasMaxLength(100);
        builder.Property(v => v.Node).HasMaxLength(200);
        builder.HasIndex(v => new { v.Scenario, v.Id });
        builder.HasIndex(v => v.ConfirmedAt);
    }
}
