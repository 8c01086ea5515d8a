using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NpgsqlTypes;

namespace Retail.Core.Catalog;

internal sealed class CategoryMap : IEntityTypeConfiguration<Category>
{
    public void Configure(EntityTypeBuilder<Category> builder)
    {
        builder.ToTable("categories");
        builder.Property(c => c.Name).HasMaxLength(Category.MaxNameLength);
        builder.Property(c => c.Slug).HasMaxLength(Common.Slug.MaxLength);
        builder.Property(c => c.Description).HasMaxLength(Category.MaxDescriptionLength);
        builder.HasIndex(c => c.Slug).IsUnique();
    }
}

internal sealed class ProductMap : IEntityTypeConfiguration<Product>
{
    /// <summary>Full-text vector, kept by PostgreSQL: the name weighs most, then brand and category-like words, then the text (D0-77).</summary>
    public const string SearchVector =
        "setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', brand), 'B') || setweight(to_tsvector('english', description), 'C')";

    public void Configure(EntityTypeBuilder<Product> builder)
    {
        builder.ToTable("products");
        builder.Property(p => p.Slug).HasMaxLength(Common.Slug.MaxLength);
        builder.Property(p => p.Name).HasMaxLength(Product.MaxNameLength);
        builder.Property(p => p.Brand).HasMaxLength(80);
        builder.Property(p => p.Description).HasMaxLength(Product.MaxDescriptionLength);
        builder.Property(p => p.ExternalId).HasMaxLength(120);
        builder.Property(p => p.RatingAverage).HasPrecision(3, 2);
        builder.Property(p => p.Attributes).HasColumnType("jsonb").HasConversion(
            list => JsonSerializer.Serialize(list, JsonSerializerOptions.Default),
            json => JsonSerializer.Deserialize<List<ProductAttribute>>(json, JsonSerializerOptions.Default)!,
            new ValueComparer<IReadOnlyList<ProductAttribute>>(
                (a, b) => a!.SequenceEqual(b!), list => list.Aggregate(0, (hash, a) => HashCode.Combine(hash, a)), list => list.ToList()));
        builder.Property<NpgsqlTsVector>("Search").HasComputedColumnSql(SearchVector, stored: true);
        builder.HasIndex("Search").HasMethod("gin");
        builder.HasIndex(p => p.Name).HasMethod("gin").HasOperators("gin_trgm_ops").HasDatabaseName("ix_products_name_trgm");
        builder.HasIndex(p => p.Slug).IsUnique();
        builder.HasIndex(p => p.ExternalId).IsUnique();
        builder.HasIndex(p => new { p.Status, p.PublishedAt, p.Id });
        builder.HasIndex(p => new { p.UpdatedAt, p.Id });
        builder.HasIndex(p => p.DrillId).HasFilter("drill_id IS NOT NULL");
        builder.HasOne<Category>().WithMany().HasForeignKey(p => p.CategoryId).OnDelete(DeleteBehavior.Restrict);
        builder.HasMany(p => p.Variants).WithOne().HasForeignKey(v => v.ProductId);
        builder.HasMany(p => p.Pictures).WithOne().HasForeignKey(p => p.ProductId);
    }
}

internal sealed class VariantMap : IEntityTypeConfiguration<Variant>
{
    public void Configure(EntityTypeBuilder<Variant> builder)
    {
        builder.ToTable("variants", t => t.HasCheckConstraint("ck_variants_price", "price_amount >= 0"));
        builder.Property(v => v.Sku).HasMaxLength(64);
        builder.Property(v => v.Gtin).HasMaxLength(14);
        builder.HasIndex(v => v.Sku).IsUnique();
        builder.HasOne<ProductPicture>().WithMany().HasForeignKey(v => v.PictureId).OnDelete(DeleteBehavior.SetNull);
    }
}

internal sealed class ProductPictureMap : IEntityTypeConfiguration<ProductPicture>
{
    public void Configure(EntityTypeBuilder<ProductPicture> builder)
    {
        builder.ToTable("product_pictures");
        builder.Property(p => p.Alt).HasMaxLength(200);
        builder.HasOne<PictureContent>().WithMany().HasForeignKey(p => p.Hash).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class PictureContentMap : IEntityTypeConfiguration<PictureContent>
{
    public void Configure(EntityTypeBuilder<PictureContent> builder)
    {
        builder.ToTable("picture_contents");
        builder.HasKey(p => p.Hash);
        builder.Property(p => p.Hash).HasMaxLength(32);
        builder.Property(p => p.ContentType).HasMaxLength(40);
    }
}
