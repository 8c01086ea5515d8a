using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>How bad a finding is, or a whole run: as bad as its worst.</summary>
public enum Severity
{
    /// <summary>All figures agree.</summary>
    Ok,

    /// <summary>A page may show something old; nothing that was promised is wrong.</summary>
    Warning,

    /// <summary>The books do not balance.</summary>
    Critical,
}

/// <summary>What a finding is about.</summary>
public enum FindingKind
{
    /// <summary>The ledger, the stock and the orders' units of a variant.</summary>
    Stock,

    /// <summary>An order's total and its lines.</summary>
    Totals,

    /// <summary>An order that counts as paid and its payments.</summary>
    Payments,

    /// <summary>A row that refers to nothing.</summary>
    Orphans,

    /// <summary>What this node's pages show of a variant.</summary>
    ReadModel,
}

/// <summary>One comparison of the books: who asked, when, and what came of it.</summary>
public sealed class ReconciliationRun
{
    /// <summary>The most findings that are kept of a run.</summary>
    public const int MaxFindings = 1000;

    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>Who asked: an admin, the command line, the worker.</summary>
    public string AskedBy { get; init; } = "";

    /// <summary>The process that compared, machine:process; it is its read model that was looked at.</summary>
    public string Node { get; init; } = "";

    /// <summary>When it began, UTC: the moment that all figures are of.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was done, UTC.</summary>
    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>As bad as its worst finding.</summary>
    public Severity Result { get; init; }

    /// <summary>Variants looked at.</summary>
    public int Checked { get; init; }

    /// <summary>Findings that are warnings.</summary>
    public int Warnings { get; init; }

    /// <summary>Findings that are critical.</summary>
    public int Criticals { get; init; }

    /// <summary>Variants whose stock, ledger and orders do not agree.</summary>
    public int Stock { get; init; }

    /// <summary>Orders whose total is not that of their lines.</summary>
    public int Totals { get; init; }

    /// <summary>Orders whose payments do not agree with their status.</summary>
    public int Payments { get; init; }

    /// <summary>Rows that refer to nothing.</summary>
    public int Orphans { get; init; }

    /// <summary>Variants that this node's pages show otherwise than the database has them; null when the process holds no catalogue.</summary>
    public int? ReadModel { get; init; }

    /// <summary>Units promised or sold beyond what there ever was, recounted from order lines and the ledger.</summary>
    public int Oversold { get; init; }

    /// <summary>All that do not balance: stock, totals, payments and orphans.</summary>
    public int Differences => Stock + Totals + Payments + Orphans;

    /// <summary>The first <see cref="MaxFindings"/>, the worst first.</summary>
    public List<ReconciliationFinding> Findings { get; init; } = [];
}

/// <summary>One thing that does not agree.</summary>
public sealed class ReconciliationFinding
{
    /// <summary>Key, rising.</summary>
    public long Id { get; private init; }

    /// <summary>The run that found it.</summary>
    public Guid RunId { get; init; }

    /// <summary>What it is about.</summary>
    public FindingKind Kind { get; init; }

    /// <summary>How bad.</summary>
    public Severity Severity { get; init; }

    /// <summary>A SKU, an order's number, or a table.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The product, order or row, where there is one.</summary>
    public Guid? SubjectId { get; init; }

    /// <summary>What does not agree, with the figures.</summary>
    public string Words { get; init; } = "";
}

internal sealed class ReconciliationRunMap : IEntityTypeConfiguration<ReconciliationRun>
{
    public void Configure(EntityTypeBuilder<ReconciliationRun> builder)
    {
        builder.ToTable("reconciliation_runs");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.Property(r => r.AskedBy).HasMaxLength(256);
        builder.Property(r => r.Node).HasMaxLength(200);
        builder.HasIndex(r => r.StartedAt);
        builder.HasMany(r => r.Findings).WithOne().HasForeignKey(f => f.RunId);
    }
}

internal sealed class ReconciliationFindingMap : IEntityTypeConfiguration<ReconciliationFinding>
{
    public void Configure(EntityTypeBuilder<ReconciliationFinding> builder)
    {
        builder.ToTable("reconciliation_findings");
        builder.Property(f => f.Subject).HasMaxLength(200);
        builder.Property(f => f.Words).HasMaxLength(600);
        builder.HasIndex(f => new { f.RunId, f.Id });
    }
}
