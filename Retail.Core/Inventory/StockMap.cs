using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Catalog;

namespace Retail.Core.Inventory;

internal sealed class StockItemMap : IEntityTypeConfiguration<StockItem>
{
    /// <summary>Behind the admission: if it ever fires, that is a stock_conflicts incident.</summary>
    public const string Check = "ck_stock_items_reserved";

    public void Configure(EntityTypeBuilder<StockItem> builder)
    {
        builder.ToTable("stock_items", t => t.HasCheckConstraint(Check, "reserved >= 0 AND reserved <= on_hand"));
        builder.HasKey(s => s.VariantId);
        builder.HasOne<Variant>().WithOne().HasForeignKey<StockItem>(s => s.VariantId);
    }
}

internal sealed class LowStockItemMap : IEntityTypeConfiguration<LowStockItem>
{
    public void Configure(EntityTypeBuilder<LowStockItem> builder)
    {
        builder.ToTable("low_stock_items");
        builder.HasKey(l => l.VariantId);
        builder.HasOne<Variant>().WithOne().HasForeignKey<LowStockItem>(l => l.VariantId);
        builder.HasIndex(l => l.NoticeId);
    }
}

internal sealed class StockMovementMap : IEntityTypeConfiguration<StockMovement>
{
    public void Configure(EntityTypeBuilder<StockMovement> builder)
    {
        builder.ToTable("stock_movements");
        builder.HasKey(m => new { m.VariantId, m.Id });
        builder.Property(m => m.Id).ValueGeneratedOnAdd();
        builder.Property(m => m.Note).HasMaxLength(200);
        // Of the variant, whose row stands still: each sale writes the stock's row anew, and every line would look for its newest version.
        builder.HasOne<Variant>().WithMany().HasForeignKey(m => m.VariantId);
    }
}
