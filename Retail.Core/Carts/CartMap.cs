using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Accounts;
using Retail.Core.Catalog;

namespace Retail.Core.Carts;

internal sealed class CartMap : IEntityTypeConfiguration<Cart>
{
    public void Configure(EntityTypeBuilder<Cart> builder)
    {
        builder.ToTable("carts");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.HasIndex(c => c.CustomerId).IsUnique();
        builder.HasIndex(c => c.UpdatedAt);
        builder.HasIndex(c => c.DrillId).HasFilter("drill_id IS NOT NULL");
        builder.HasOne<Customer>().WithMany().HasForeignKey(c => c.CustomerId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(c => c.Lines).WithOne().HasForeignKey(l => l.CartId);
    }
}

internal sealed class CartLineMap : IEntityTypeConfiguration<CartLine>
{
    public void Configure(EntityTypeBuilder<CartLine> builder)
    {
        builder.ToTable("cart_lines", t => t.HasCheckConstraint("ck_cart_lines_quantity", "quantity > 0"));
        builder.HasKey(l => new { l.CartId, l.VariantId });
        builder.HasIndex(l => l.VariantId);
        builder.HasOne<Variant>().WithMany().HasForeignKey(l => l.VariantId).OnDelete(DeleteBehavior.Cascade);
    }
}
