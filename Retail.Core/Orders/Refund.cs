using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Common;
using Retail.Core.Payments;

namespace Retail.Core.Orders;

/// <summary>Where a refund stands.</summary>
public enum RefundStatus
{
    /// <summary>Promised; the gateway has not answered yet. It counts as paid back already.</summary>
    Pending,

    /// <summary>The money is on its way back.</summary>
    Succeeded,

    /// <summary>The gateway refused it for good.</summary>
    Refused,
}

/// <summary>Money that goes back to a shopper.</summary>
public sealed class Refund
{
    private readonly List<RefundLine> _lines = [];

    private Refund() { }

    /// <summary>Key; also the gateway's idempotency key.</summary>
    public Guid Id { get; private init; }

    /// <summary>The order.</summary>
    public Guid OrderId { get; private init; }

    /// <summary>The captured payment it is taken from.</summary>
    public Guid PaymentId { get; private init; }

    /// <summary>The caller's key, unique: the same key is the same refund.</summary>
    public string Key { get; private init; } = "";

    /// <summary>How much.</summary>
    public Money Amount { get; private init; }

    /// <summary>Why, in words.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>Who: shopper, gateway, or an admin's name.</summary>
    public string By { get; private init; } = "";

    /// <summary>The units of its lines are back in the warehouse.</summary>
    public bool Restock { get; private init; }

    /// <summary>Where it stands.</summary>
    public RefundStatus Status { get; private set; }

    /// <summary>The gateway's id, once known.</summary>
    public string? GatewayId { get; private set; }

    /// <summary>Why the gateway refused it, or gave no answer at the last try.</summary>
    public string? Code { get; private set; }

    /// <summary>When it was promised, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When the last answer came, UTC.</summary>
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>Which units it is for; empty for an amount of money alone.</summary>
    public IReadOnlyList<RefundLine> Lines => _lines;

    /// <summary>A refund that is promised from here on.</summary>
    public static Refund Of(Payment payment, Money amount, string key, string reason, string by, DateTimeOffset now, bool restock = false, params IEnumerable<(OrderLine Line, int Quantity)> lines)
    {
        ArgumentNullException.ThrowIfNull(payment);
        if (payment.Status != PaymentStatus.Captured || amount.Amount <= 0) throw new InvalidOperationException($"Nothing of payment {payment.Id} can go back.");
        var refund = new Refund
        {
            Id = Guid.CreateVersion7(now),
            OrderId = payment.OrderId,
            PaymentId = payment.Id,
            Key = key,
            Amount = amount,
            Reason = reason,
            By = by,
            Restock = restock,
            CreatedAt = now,
        };
        foreach (var (line, quantity) in lines) refund._lines.Add(new RefundLine(refund.Id, line.Position, quantity));
        return refund;
    }

    /// <summary>The gateway's answer.</summary>
    public void Answer(RefundStatus status, string? gatewayId, string? code, DateTimeOffset now)
    {
        if (Status != RefundStatus.Pending) throw new InvalidOperationException($"Refund {Id} is {Status}.");
        (Status, GatewayId, Code, AnsweredAt) = (status, gatewayId, code, now);
    }
}

/// <summary>Units of an order's line that a refund is for.</summary>
public sealed class RefundLine
{
    private RefundLine() { }

    internal RefundLine(Guid refundId, int position, int quantity) => (RefundId, Position, Quantity) = (refundId, position, quantity);

    /// <summary>The refund.</summary>
    public Guid RefundId { get; private init; }

    /// <summary>The line's place in the order.</summary>
    public int Position { get; private init; }

    /// <summary>Units.</summary>
    public int Quantity { get; private init; }
}

internal sealed class RefundMap : IEntityTypeConfiguration<Refund>
{
    public void Configure(EntityTypeBuilder<Refund> builder)
    {
        builder.ToTable("refunds", t => t.HasCheckConstraint("ck_refunds_amount", "amount_amount > 0"));
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.Property(r => r.Key).HasMaxLength(100);
        builder.Property(r => r.Reason).HasMaxLength(RefundRequest.MaxReason);
        builder.Property(r => r.By).HasMaxLength(100);
        builder.Property(r => r.GatewayId).HasMaxLength(100);
        builder.Property(r => r.Code).HasMaxLength(100);
        builder.HasIndex(r => r.Key).IsUnique();
        builder.HasIndex(r => r.OrderId);
        builder.HasIndex(r => new { r.Status, r.CreatedAt });
        builder.HasOne<Order>().WithMany().HasForeignKey(r => r.OrderId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<Payment>().WithMany().HasForeignKey(r => r.PaymentId).OnDelete(DeleteBehavior.Restrict);
        builder.HasMany(r => r.Lines).WithOne().HasForeignKey(l => l.RefundId);
    }
}

internal sealed class RefundLineMap : IEntityTypeConfiguration<RefundLine>
{
    public void Configure(EntityTypeBuilder<RefundLine> builder)
    {
        builder.ToTable("refund_lines", t => t.HasCheckConstraint("ck_refund_lines_quantity", "quantity > 0"));
        builder.HasKey(l => new { l.RefundId, l.Position });
    }
}
