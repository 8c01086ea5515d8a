using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Partners.Runs;

internal sealed class FeedRunMap : IEntityTypeConfiguration<FeedRun>
{
    public const int NoteLength = 500;

    public void Configure(EntityTypeBuilder<FeedRun> builder)
    {
        builder.ToTable("feed_runs");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.Property(r => r.AskedBy).HasMaxLength(300);
        builder.Property(r => r.Hash).HasMaxLength(64);
        builder.Property(r => r.Note).HasMaxLength(NoteLength);
        builder.Property(r => r.Code).HasMaxLength(40);
        builder.Property(r => r.DecidedBy).HasMaxLength(200);
        builder.Property(r => r.AppliedTo).HasMaxLength(80);
        builder.Property(r => r.RequestId).HasMaxLength(64);
        builder.HasIndex(r => new { r.PartnerId, r.CreatedAt });
        builder.HasIndex(r => r.CreatedAt);
        builder.HasOne<Partner>().WithMany().HasForeignKey(r => r.PartnerId);
        builder.HasOne<FeedContent>().WithMany().HasForeignKey(r => r.ContentId).OnDelete(DeleteBehavior.SetNull);
    }
}

internal sealed class FeedIssueMap : IEntityTypeConfiguration<FeedIssue>
{
    public const int MessageLength = 300;

    public void Configure(EntityTypeBuilder<FeedIssue> builder)
    {
        builder.ToTable("feed_issues");
        builder.HasKey(i => new { i.RunId, i.Number, i.Position });
        builder.Property(i => i.ExternalId).HasMaxLength(100);
        builder.Property(i => i.Code).HasMaxLength(40);
        builder.Property(i => i.Field).HasMaxLength(40);
        builder.Property(i => i.Message).HasMaxLength(MessageLength);
        builder.HasOne<FeedRun>().WithMany().HasForeignKey(i => i.RunId);
    }
}

internal sealed class FeedStagedRowMap : IEntityTypeConfiguration<FeedStagedRow>
{
    public void Configure(EntityTypeBuilder<FeedStagedRow> builder)
    {
        builder.ToTable("feed_rows");
        builder.HasKey(r => new { r.RunId, r.Number });
        builder.Property(r => r.ExternalId).HasMaxLength(Pipeline.FeedItem.MaxIdLength);
        builder.Property(r => r.ProductKey).HasMaxLength(80);
        builder.HasIndex(r => new { r.RunId, r.ProductKey, r.Number });
        builder.HasIndex(r => new { r.RunId, r.ExternalId });
        builder.HasOne<FeedRun>().WithMany().HasForeignKey(r => r.RunId);
    }
}

internal sealed class FeedChangeMap : IEntityTypeConfiguration<FeedChange>
{
    public void Configure(EntityTypeBuilder<FeedChange> builder)
    {
        builder.ToTable("feed_changes");
        builder.HasKey(c => new { c.RunId, c.ProductKey });
        builder.Property(c => c.ProductKey).HasMaxLength(80);
        builder.HasOne<FeedRun>().WithMany().HasForeignKey(c => c.RunId);
    }
}

internal sealed class FeedContentMap : IEntityTypeConfiguration<FeedContent>
{
    public void Configure(EntityTypeBuilder<FeedContent> builder)
    {
        builder.ToTable("feed_contents");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.HasIndex(c => c.CreatedAt);
    }
}

internal sealed class FeedChunkMap : IEntityTypeConfiguration<FeedChunk>
{
    public void Configure(EntityTypeBuilder<FeedChunk> builder)
    {
        builder.ToTable("feed_chunks");
        builder.HasKey(c => new { c.ContentId, c.Position });
        builder.HasOne<FeedContent>().WithMany().HasForeignKey(c => c.ContentId);
    }
}
