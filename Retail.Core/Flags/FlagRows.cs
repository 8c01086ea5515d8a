using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Flags;

/// <summary>A flag that somebody has set: it counts for more than the environment variable. <see cref="FlagNotices"/> spreads each change.</summary>
public sealed class FeatureFlagRow
{
    /// <summary>PRODUCTS, CART or ORDERS.</summary>
    public required string Name { get; init; }

    /// <summary>The newer path is taken.</summary>
    public bool IsOn { get; init; }

    /// <summary>When it was set, UTC, by the database's clock.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who set it.</summary>
    public string ChangedBy { get; init; } = "";
}

/// <summary>One change of a flag; written by the database itself, so that no writer can forget to.</summary>
public sealed class FeatureFlagChange
{
    /// <summary>Key, rising.</summary>
    public long Id { get; init; }

    /// <summary>Which flag.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it was put; null when the row was taken away and the environment decides again.</summary>
    public bool? IsOn { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who.</summary>
    public string ChangedBy { get; init; } = "";
}

internal sealed class FeatureFlagRowMap : IEntityTypeConfiguration<FeatureFlagRow>
{
    public void Configure(EntityTypeBuilder<FeatureFlagRow> builder)
    {
        builder.ToTable("feature_flags");
        builder.HasKey(f => f.Name);
        builder.Property(f => f.Name).HasMaxLength(40);
        builder.Property(f => f.ChangedBy).HasMaxLength(256).HasDefaultValueSql("current_user");
        builder.Property(f => f.ChangedAt).HasDefaultValueSql("now()");
    }
}

internal sealed class FeatureFlagChangeMap : IEntityTypeConfiguration<FeatureFlagChange>
{
    public void Configure(EntityTypeBuilder<FeatureFlagChange> builder)
    {
        builder.ToTable("feature_flag_changes");
        builder.Property(c => c.Name).HasMaxLength(40);
        builder.Property(c => c.ChangedBy).HasMaxLength(256);
        builder.HasIndex(c => new { c.Name, c.Id });
    }
}
