using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Metrics;

/// <summary>One fact that was measured; written in bulk by <see cref="MetricRecorder"/>, never changed.</summary>
public sealed class MetricRow
{
    /// <summary>Given by the database; unique over all days.</summary>
    public long Id { get; private init; }

    /// <summary>What was measured: one of <see cref="MetricTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>How much; the unit is the type's.</summary>
    public required double Value { get; init; }

    /// <summary>A JSON object; always has "node" (machine:process) and "release".</summary>
    public required string Metadata { get; init; }

    /// <summary>When it was recorded (UTC), not when it was written.</summary>
    public required DateTimeOffset Timestamp { get; init; }
}

/// <summary>How EF Core reads the table; <see cref="MetricTable"/> makes it.</summary>
public sealed class MetricRowMap : IEntityTypeConfiguration<MetricRow>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<MetricRow> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ToTable("metric", table => table.ExcludeFromMigrations());
        builder.HasKey(m => new { m.Id, m.Timestamp });   // the key of a partitioned table holds what it is partitioned by
        builder.Property(m => m.Id).ValueGeneratedOnAdd();
        builder.Property(m => m.Metadata).HasColumnType("jsonb");
    }
}
