using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Retail.Core.Common.Logs;
using Retail.Core.Metrics;

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

    /// <summary>Was dead, and an admin said that it need not be kept.</summary>
    Discarded,
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

    /// <summary>Promises of one kind with the same ordering key are kept one after the other, as they were made; null when order does not matter.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>The request that promised it; stands on the log lines of its keeping.</summary>
    public string? RequestId { get; init; } = RequestScope.RequestId;

    /// <summary>The drill that it belongs to; what its keeping records is the drill's too.</summary>
    public Guid? DrillId { get; init; } = DrillScope.Current;

    /// <summary>A worker has it until then, UTC.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>The worker that has it, or had it last.</summary>
    public string? LeasedBy { get; init; }

    /// <summary>When the last try began, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last try ended, UTC.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The admin who requeued or discarded it.</summary>
    public string? DecidedBy { get; init; }
}

internal sealed class OutboxMap : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox");
        // Bytes, not a language's order: they are looked up and kept apart, never shown sorted.
        builder.Property(m => m.Kind).HasMaxLength(60).UseCollation("C");
        builder.Property(m => m.Key).HasMaxLength(100).UseCollation("C");
        builder.Property(m => m.Error).HasMaxLength(1000);
        builder.Property(m => m.OrderingKey).HasMaxLength(100).UseCollation("C");
        builder.Property(m => m.RequestId).HasMaxLength(50);
        builder.Property(m => m.LeasedBy).HasMaxLength(100);
        builder.Property(m => m.DecidedBy).HasMaxLength(254);
        // Rows that are done stand in no index but the primary key's: closing one touches little. A promise about an order is found by its ordering key.
        builder.HasIndex(m => new { m.Kind, m.DueAt, m.Id }).HasFilter("status = 'Waiting'").HasDatabaseName("ix_outbox_due");
        builder.HasIndex(m => new { m.Kind, m.OrderingKey, m.Id }).HasFilter("status = 'Waiting' AND ordering_key IS NOT NULL").HasDatabaseName("ix_outbox_order");
        builder.HasIndex(m => m.Id).HasFilter("status = 'Dead'").HasDatabaseName("ix_outbox_dead");
    }
}
