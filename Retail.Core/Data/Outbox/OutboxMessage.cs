using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Data.Outbox;

/// <summary>Where a promise stands.</summary>
public enum OutboxStatus
{
    /// <summary>To be done when due.</summary>
    Waiting,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Tried too often; an admin looks at it.</summary>
    Dead,
}

/// <summary>A promise: written in the transaction of the change that it follows from, kept by the worker.</summary>
public sealed class OutboxMessage
{
    /// <summary>Key, rising.</summary>
    public long Id { get; private init; }

    /// <summary>Which handler keeps it: <see cref="IOutboxHandler.Kind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about, such as an order's id; the handler is idempotent by it.</summary>
    public required string Key { get; init; }

    /// <summary>Where it stands.</summary>
    public OutboxStatus Status { get; set; } = OutboxStatus.Waiting;

    /// <summary>When it was promised, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not to be tried before, UTC.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; set; }

    /// <summary>What went wrong at the last try.</summary>
    public string? Error { get; set; }
}

internal sealed class OutboxMap : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox");
        builder.Property(m => m.Kind).HasMaxLength(60);
        builder.Property(m => m.Key).HasMaxLength(100);
        builder.Property(m => m.Error).HasMaxLength(1000);
        builder.HasIndex(m => m.DueAt).HasFilter("status = 'Waiting'").HasDatabaseName("ix_outbox_due");
        builder.HasIndex(m => new { m.Kind, m.Key });
    }
}
