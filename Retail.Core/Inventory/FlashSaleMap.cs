using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Catalog;

namespace Retail.Core.Inventory;

internal sealed class FlashSaleMap : IEntityTypeConfiguration<FlashSale>
{
    /// <summary>Behind the admission, as the stock's check is.</summary>
    public const string Check = "ck_flash_sales_sold";

    /// <summary>One sale of a variant at a time; written in SQL beside the migrations.</summary>
    public const string NoOverlap = "ex_flash_sales_variant_window";

    public void Configure(EntityTypeBuilder<FlashSale> builder)
    {
        builder.ToTable("flash_sales", table =>
        {
            table.HasCheckConstraint(Check, "sold >= 0 AND sold <= quantity");
            table.HasCheckConstraint("ck_flash_sales_window", "ends_at >= starts_at");
            table.HasCheckConstraint("ck_flash_sales_limits", "quantity > 0 AND limit_per_customer > 0 AND price_amount >= 0");
        });
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.HasIndex(s => new { s.VariantId, s.EndsAt });
        builder.HasIndex(s => s.EndsAt);
        builder.HasOne<Variant>().WithMany().HasForeignKey(s => s.VariantId);
    }
}
