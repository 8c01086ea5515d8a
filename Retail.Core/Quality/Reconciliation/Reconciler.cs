using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>Which variants a report lists.</summary>
public enum BooksFilter
{
    /// <summary>Every variant.</summary>
    All,

    /// <summary>Warnings and criticals.</summary>
    Open,

    /// <summary>Those that agree.</summary>
    Ok,

    /// <summary>Only warnings.</summary>
    Warning,

    /// <summary>Only criticals.</summary>
    Critical,
}

/// <summary>A comparison and a page of the variants that were looked at.</summary>
/// <param name="Run">What came of it.</param>
/// <param name="Variants">Variants of the page, by SKU.</param>
/// <param name="Page">From 1.</param>
/// <param name="Size">The most variants on a page.</param>
/// <param name="Total">Variants that fit the filter.</param>
public sealed record ReconciliationReport(ReconciliationRun Run, IReadOnlyList<VariantBooks> Variants, int Page, int Size, int Total);

/// <summary>
/// Compares the books at one moment, while the store sells: the counter of each variant with its ledger and with the lines of orders,
/// orders with their lines and payments, and what this node's pages show with all of it. Changes nothing but its own record.
/// </summary>
public sealed class Reconciler(NpgsqlDataSource database, RetailDbContext db, CatalogModel catalog, MetricRecorder metrics, TimeProvider clock, ILogger<Reconciler> logger)
{
    /// <summary>The most variants on a page of a report.</summary>
    public const int MaxSize = 1000;

    private const int MaxSuspects = 10_000;

    /// <summary>So long a page may lag behind a commit.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1.5);

    /// <summary>Compares everything and keeps the result.</summary>
    /// <param name="askedBy">Who asks, for the record.</param>
    /// <param name="filter">Which variants the report lists.</param>
    /// <param name="page">From 1.</param>
    /// <param name="size">Variants on a page, at most <see cref="MaxSize"/>.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<ReconciliationReport> RunAsync(string askedBy, BooksFilter filter, int page, int size, CancellationToken ct)
    {
        (page, size) = (Math.Max(1, page), Math.Clamp(size, 1, MaxSize));
        var started = clock.GetUtcNow();
        var (findings, open, pageOfOthers) = (new List<ReconciliationFinding>(), new List<VariantBooks>(), new Window(page, size));
        var (suspects, tally) = (new List<VariantBooks>(), new Tally());
        (int Totals, int Payments, int Orphans) orders;
        await using (var connection = await database.OpenConnectionAsync(ct))
        {
            // One snapshot for all figures: what is sold meanwhile is in all of them or in none.
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
            await foreach (var read in VariantBooksReader.ReadAsync(connection, ct))
            {
                var books = ReadModelCheck.Compare(read, catalog);
                tally.Add(books);
                if (books.Stale is not null && suspects.Count < MaxSuspects) suspects.Add(books);
                else if (books.Status != Severity.Ok && open.Count < MaxSuspects) open.Add(books);
                if (filter == BooksFilter.All || (filter == BooksFilter.Ok && books.Status == Severity.Ok)) pageOfOthers.Add(books);
            }
            orders = await OrderBooks.ReadAsync(connection, findings, ct);
        }
        // What a page shows may lag behind a commit by a moment; only what still differs after it counts.
        if (suspects.Count > 0) open.AddRange(await ReadModelCheck.AgainAsync(suspects, database, catalog, clock, Moment, ct));
        open.Sort((a, b) => string.CompareOrdinal(a.Sku, b.Sku));
        var shown = filter switch
        {
            BooksFilter.Open => open,
            BooksFilter.Warning => open.FindAll(b => b.Status == Severity.Warning),
            BooksFilter.Critical => open.FindAll(b => b.Status == Severity.Critical),
            _ => null,
        };
        var stale = catalog.IsWarm && catalog.Snapshot.IsWhole ? open.Count(b => b.Stale is not null) : (int?)null;
        var warnings = open.Count(b => b.Status == Severity.Warning);
        findings.InsertRange(0, open.OrderByDescending(b => b.Status).Select(b => new ReconciliationFinding
        {
            Kind = b.Status == Severity.Critical ? FindingKind.Stock : FindingKind.ReadModel,
            Severity = b.Status,
            Subject = b.Sku,
            SubjectId = b.ProductId,
            Words = b.Words,
        }));
        var criticals = tally.Critical + orders.Totals + orders.Payments + orders.Orphans;
        var run = new ReconciliationRun
        {
            Id = Guid.CreateVersion7(started),
            AskedBy = askedBy,
            Node = $"{Environment.MachineName}:{Environment.ProcessId}",
            StartedAt = started,
            FinishedAt = clock.GetUtcNow(),
            Result = criticals > 0 ? Severity.Critical : warnings > 0 ? Severity.Warning : Severity.Ok,
            Checked = tally.Checked,
            Warnings = warnings,
            Criticals = criticals,
            Stock = tally.Critical,
            Totals = orders.Totals,
            Payments = orders.Payments,
            Orphans = orders.Orphans,
            ReadModel = stale,
            Oversold = tally.Oversold,
            Findings = [.. findings.Where(f => f.Severity == Severity.Critical).Concat(findings.Where(f => f.Severity != Severity.Critical)).Take(ReconciliationRun.MaxFindings)],
        };
        await KeepAsync(run, open, ct);
        return shown is null
            ? new(run, pageOfOthers.Items, page, size, filter == BooksFilter.All ? tally.Checked : tally.Checked - tally.Critical - warnings)
            : new(run, [.. shown.Skip((page - 1) * size).Take(size)], page, size, shown.Count);
    }

    private async Task KeepAsync(ReconciliationRun run, List<VariantBooks> open, CancellationToken ct)
    {
        db.ReconciliationRuns.Add(run);
        await db.SaveChangesAsync(ct);
        metrics.Record(MetricTypes.ReconcileDifferences, run.Differences, new
        {
            run_id = run.Id,
            @checked = run.Checked,
            warning = run.Warnings,
            critical = run.Criticals,
            totals = run.Totals,
            payments = run.Payments,
            orphans = run.Orphans,
            stock = run.Stock,
        });
        foreach (var books in open.Where(b => b.Oversold > 0))
            metrics.Record(MetricTypes.StockConflicts, 1, new { source = "reconciliation", run_id = run.Id, variant_id = books.VariantId, sku = books.Sku, units = books.Oversold });
        if (run.Result == Severity.Critical) logger.BooksDiffer(run.Id, run.Differences, run.Stock, run.Totals, run.Payments, run.Orphans);
        else logger.BooksAgree(run.Id, run.Checked, run.Warnings);
    }

    private sealed class Tally
    {
        public int Checked { get; private set; }

        public int Critical { get; private set; }

        public int Oversold { get; private set; }

        public void Add(VariantBooks books)
        {
            Checked++;
            if (books.Status == Severity.Critical) Critical++;
            Oversold += (int)books.Oversold;
        }
    }

    /// <summary>Keeps the rows of one page of all that come by.</summary>
    private sealed class Window(int page, int size)
    {
        private int _seen;

        public List<VariantBooks> Items { get; } = [];

        public void Add(VariantBooks books)
        {
            if (_seen >= (page - 1) * size && Items.Count < size) Items.Add(books);
            _seen++;
        }
    }
}
