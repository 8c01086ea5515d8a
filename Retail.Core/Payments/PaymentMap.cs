using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Payments;

internal sealed class PaymentMap : IEntityTypeConfiguration<Payment>
{
    public void Configure(EntityTypeBuilder<Payment> builder)
    {
        builder.ToTable("payments");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.Property(p => p.MethodId).HasMaxLength(100);
        builder.Property(p => p.CardBrand).HasMaxLength(20);
        builder.Property(p => p.CardLast4).HasMaxLength(4);
        builder.Property(p => p.GatewayId).HasMaxLength(100);
        builder.Property(p => p.Code).HasMaxLength(100);
        builder.HasIndex(p => p.OrderId);
        builder.HasIndex(p => p.StartedAt);
        // The gateway's news name it; a payment that has only begun stands in no index of it, so that admission writes none.
        builder.HasIndex(p => p.GatewayId).HasFilter("gateway_id IS NOT NULL");
    }
}
