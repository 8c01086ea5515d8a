using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Data;

/// <summary>A key that protects cookies and tokens; in the database, so that every node reads what another wrote.</summary>
public sealed class ProtectionKey
{
    /// <summary>The framework's name of the key.</summary>
    public required string Name { get; init; }

    /// <summary>The framework's XML.</summary>
    public required string Xml { get; init; }
}

internal sealed class ProtectionKeyMap : IEntityTypeConfiguration<ProtectionKey>
{
    public void Configure(EntityTypeBuilder<ProtectionKey> builder)
    {
        builder.ToTable("protection_keys");
        builder.HasKey(k => k.Name);
        builder.Property(k => k.Name).HasMaxLength(100);
    }
}
