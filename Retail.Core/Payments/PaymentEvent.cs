using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Payments;

/// <summary>A piece of news from the gateway that was acted upon: it comes twice, but counts once.</summary>
public sealed class PaymentEvent
{
    /// <summary>The gateway's id of the event; unique.</summary>
    public string Id { get; init; } = "";

    /// <summary>Such as payment_intent.succeeded.</summary>
    public string Type { get; init; } = "";

    /// <summary>The gateway's id of the payment, if it is about one.</summary>
    public string? GatewayId { get; init; }

    /// <summary>The order, if it is one of ours.</summary>
    public Guid? OrderId { get; init; }

    /// <summary>When it happened, by the gateway's clock, UTC.</summary>
    public DateTimeOffset HappenedAt { get; init; }

    /// <summary>When it came, UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }
}

internal sealed class PaymentEventMap : IEntityTypeConfiguration<PaymentEvent>
{
    public void Configure(EntityTypeBuilder<PaymentEvent> builder)
    {
        builder.ToTable("payment_events");
        builder.Property(e => e.Id).HasMaxLength(100).ValueGeneratedNever();
        builder.Property(e => e.Type).HasMaxLength(100);
        builder.Property(e => e.GatewayId).HasMaxLength(100);
        builder.HasIndex(e => e.OrderId);
        builder.HasIndex(e => e.ReceivedAt);
    }
}
