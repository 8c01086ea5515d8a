using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Quality.Replay;

/// <summary>A request that a stranger sent, and what it was answered: status and shape, never the words. Secrets are masked before it is kept.</summary>
public sealed class RecordedRequest
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>The route's pattern.</summary>
    public required string Route { get; init; }

    /// <summary>Path and query, with secrets masked.</summary>
    public required string Target { get; init; }

    /// <summary>A secret was masked, so that it can't be sent again as it was.</summary>
    public bool IsMasked { get; init; }

    /// <summary>What the caller accepts.</summary>
    public required string Accept { get; init; }

    /// <summary>HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>The media type of the answer, without parameters; empty when it had no body.</summary>
    public required string ContentType { get; init; }

    /// <summary>See <see cref="ResponseShape"/>.</summary>
    public required string Shape { get; init; }

    /// <summary>The X-Request-ID under which its log lines stand.</summary>
    public required string RequestId { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset RecordedAt { get; init; }
}

internal sealed class RecordedRequestMap : IEntityTypeConfiguration<RecordedRequest>
{
    internal const int LongestTarget = 1000, LongestAccept = 300;

    public void Configure(EntityTypeBuilder<RecordedRequest> builder)
    {
        builder.ToTable("recorded_requests");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.Property(r => r.Route).HasMaxLength(300);
        builder.Property(r => r.Target).HasMaxLength(LongestTarget);
        builder.Property(r => r.Accept).HasMaxLength(LongestAccept);
        builder.Property(r => r.ContentType).HasMaxLength(100);
        builder.Property(r => r.RequestId).HasMaxLength(40);
        builder.HasIndex(r => r.RecordedAt);
    }
}
