using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Accounts;
using Retail.Core.Catalog;
using Retail.Core.Inventory;
using Retail.Core.Payments;

namespace Retail.Core.Orders;

internal sealed class OrderMap : IEntityTypeConfiguration<Order>
{
    /// <summary>Unique: one order for a key, whatever happens at once.</summary>
    public const string IdempotencyIndex = "ix_orders_idempotency_key";

    public void Configure(EntityTypeBuilder<Order> builder)
    {
        builder.ToTable("orders");
        builder.Property(o => o.Id).ValueGeneratedNever();
        builder.Property(o => o.Number).HasDefaultValueSql("nextval('order_numbers')");
        builder.Property(o => o.Email).HasMaxLength(254);
        builder.Property(o => o.Phone).HasMaxLength(40);
        builder.Property(o => o.ShippingMethod).HasMaxLength(40);
        // Bytes, not a language's order: keys are only ever looked up, and each order does so among all.
        builder.Property(o => o.IdempotencyKey).HasMaxLength(100).UseCollation("C");
        builder.Property(o => o.RequestHash).HasMaxLength(64);
        builder.Property(o => o.CancelReason).HasMaxLength(300);
        builder.Property(o => o.Tracking).HasMaxLength(200);
        builder.ComplexProperty(o => o.ShippingAddress, a =>
        {
            a.Property(x => x.Name).HasMaxLength(100);
            a.Property(x => x.Line1).HasMaxLength(120);
            a.Property(x => x.Line2).HasMaxLength(120);
            a.Property(x => x.City).HasMaxLength(80);
            a.Property(x => x.Region).HasMaxLength(80);
            a.Property(x => x.Postcode).HasMaxLength(20);
            a.Property(x => x.Country).HasMaxLength(2);
        });
        builder.HasIndex(o => o.Number).IsUnique();
        builder.HasIndex(o => o.IdempotencyKey).IsUnique().HasDatabaseName(IdempotencyIndex);
        builder.HasIndex(o => new { o.CustomerId, o.PlacedAt }).HasFilter("customer_id IS NOT NULL");
        builder.HasIndex(o => new { o.Status, o.PlacedAt });
        builder.HasIndex(o => o.PlacedAt);
        builder.HasIndex(o => o.DrillId).HasFilter("drill_id IS NOT NULL");
        builder.HasOne<Customer>().WithMany().HasForeignKey(o => o.CustomerId).OnDelete(DeleteBehavior.SetNull);
        builder.HasMany(o => o.Lines).WithOne().HasForeignKey(l => l.OrderId);
        builder.HasMany(o => o.Transitions).WithOne().HasForeignKey(t => t.OrderId);
        builder.HasMany<Payment>().WithOne().HasForeignKey(p => p.OrderId);
    }
}

internal sealed class OrderLineMap : IEntityTypeConfiguration<OrderLine>
{
    public void Configure(EntityTypeBuilder<OrderLine> builder)
    {
        builder.ToTable("order_lines", t => t.HasCheckConstraint("ck_order_lines_quantity", "quantity > 0"));
        builder.HasKey(l => new { l.OrderId, l.Position });
        builder.Property(l => l.Sku).HasMaxLength(64);
        builder.Property(l => l.Name).HasMaxLength(Product.MaxNameLength);
        builder.Property(l => l.FlashBuyer).HasMaxLength(256);
        builder.HasIndex(l => l.VariantId);
        builder.HasIndex(l => new { l.FlashSaleId, l.FlashBuyer }).HasFilter("flash_sale_id IS NOT NULL");
        builder.HasOne<FlashSale>().WithMany().HasForeignKey(l => l.FlashSaleId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<Variant>().WithMany().HasForeignKey(l => l.VariantId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class OrderTransitionMap : IEntityTypeConfiguration<OrderTransition>
{
    public void Configure(EntityTypeBuilder<OrderTransition> builder)
    {
        builder.ToTable("order_transitions");
        builder.HasKey(t => new { t.OrderId, t.Id });
        builder.Property(t => t.Id).ValueGeneratedOnAdd();
        builder.Property(t => t.By).HasMaxLength(100);
        builder.Property(t => t.Why).HasMaxLength(300);
    }
}
