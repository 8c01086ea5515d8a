using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Catalog;

namespace Retail.Core.Partners;

internal sealed class PartnerMap : IEntityTypeConfiguration<Partner>
{
    public void Configure(EntityTypeBuilder<Partner> builder)
    {
        builder.ToTable("partners");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.Property(p => p.Name).HasMaxLength(Partner.MaxNameLength);
        builder.Property(p => p.Code).HasMaxLength(Partner.MaxCodeLength);
        builder.Property(p => p.Contact).HasMaxLength(200);
        builder.Property(p => p.Format).HasMaxLength(40);
        builder.Property(p => p.Source).HasMaxLength(500);
        builder.Property(p => p.PullTag).HasMaxLength(300);
        builder.Property(p => p.PullNote).HasMaxLength(500);
        builder.ComplexProperty(p => p.PriceRule, rule => rule.Property(r => r.ExchangeRate).HasPrecision(14, 6));
        builder.HasIndex(p => p.Name).IsUnique();
        builder.HasIndex(p => p.Code).IsUnique();
        builder.HasOne<Category>().WithMany().HasForeignKey(p => p.CategoryId).OnDelete(DeleteBehavior.SetNull);
        builder.HasMany<Product>().WithOne().HasForeignKey(p => p.PartnerId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class PartnerKeyMap : IEntityTypeConfiguration<PartnerKey>
{
    public void Configure(EntityTypeBuilder<PartnerKey> builder)
    {
        builder.ToTable("partner_keys");
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Hash).HasMaxLength(64);
        builder.Property(k => k.Prefix).HasMaxLength(12);
        builder.HasIndex(k => k.Hash).IsUnique();
        builder.HasOne<Partner>().WithMany().HasForeignKey(k => k.PartnerId);
    }
}

internal sealed class PartnerCategoryMap : IEntityTypeConfiguration<PartnerCategory>
{
    public void Configure(EntityTypeBuilder<PartnerCategory> builder)
    {
        builder.ToTable("partner_categories");
        builder.HasKey(c => new { c.PartnerId, c.Source });
        builder.Property(c => c.Source).HasMaxLength(200);
        builder.HasOne<Partner>().WithMany().HasForeignKey(c => c.PartnerId);
        builder.HasOne<Category>().WithMany().HasForeignKey(c => c.CategoryId).OnDelete(DeleteBehavior.SetNull);
    }
}

internal sealed class PartnerItemMap : IEntityTypeConfiguration<PartnerItem>
{
    public void Configure(EntityTypeBuilder<PartnerItem> builder)
    {
        builder.ToTable("partner_items");
        builder.HasKey(i => new { i.PartnerId, i.ExternalId });
        builder.Property(i => i.ExternalId).HasMaxLength(Pipeline.FeedItem.MaxIdLength);
        builder.Property(i => i.Picture).HasMaxLength(Pipeline.FeedRules.MaxUrlLength);
        builder.HasIndex(i => i.VariantId).IsUnique();
        builder.HasOne<Partner>().WithMany().HasForeignKey(i => i.PartnerId);
        builder.HasOne<Variant>().WithMany().HasForeignKey(i => i.VariantId);
    }
}

internal sealed class PartnerPictureMap : IEntityTypeConfiguration<PartnerPicture>
{
    public void Configure(EntityTypeBuilder<PartnerPicture> builder)
    {
        builder.ToTable("partner_pictures");
        builder.HasKey(p => new { p.ProductId, p.Position });
        builder.Property(p => p.Address).HasMaxLength(Pipeline.FeedRules.MaxUrlLength);
        builder.Property(p => p.Error).HasMaxLength(300);
        builder.HasIndex(p => p.DueAt).HasFilter("due_at IS NOT NULL");
        builder.HasOne<Product>().WithMany().HasForeignKey(p => p.ProductId);
    }
}
