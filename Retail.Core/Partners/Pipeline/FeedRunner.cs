using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Formats;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>
/// Does a partner's runs, the oldest first, one at a time: reads the file, checks and compares it, holds it where an admin must look,
/// applies it. It may die at any moment: reading begins anew, applying goes on behind its last commit.
/// </summary>
public sealed class FeedRunner(
    NpgsqlDataSource database, RetailDbContext db, FeedFormats formats, FeedContents contents, FeedApplication application, MetricRecorder metrics,
    IOptions<PartnersOptions> options, TimeProvider clock, ILogger<FeedRunner> logger)
{
    /// <summary>A run that fails as often for a reason of the shop's own is given up.</summary>
    public const int MaxTries = 20;

    // "feed" in hexadecimal; with it a partner's runs take turns on all workers.
    private const int TurnKey = 0x66656564;

    private readonly FeedBooks _books = new(database, clock);

    /// <summary>Does what there is to do for a partner; returns at once when another worker is at it.</summary>
    public async Task RunAsync(Guid partnerId, CancellationToken ct)
    {
        while (await _books.NextAsync(partnerId, ct) is not null)
        {
            await using var turn = await database.OpenConnectionAsync(ct);
            if (!await AskTurnAsync(turn, "SELECT pg_try_advisory_lock($1, hashtext($2))", partnerId, ct)) return;
            try
            {
                while (await _books.NextAsync(partnerId, ct) is { } runId) await RunOneAsync(partnerId, runId, ct);
            }
            finally
            {
                // Without a word when the connection is gone: the turn went with it.
                if (turn.State == System.Data.ConnectionState.Open) await AskTurnAsync(turn, "SELECT pg_advisory_unlock($1, hashtext($2))", partnerId, CancellationToken.None);
            }
        }
    }

    private async Task RunOneAsync(Guid partnerId, Guid runId, CancellationToken ct)
    {
        var partner = await db.Partners.AsNoTracking().SingleAsync(p => p.Id == partnerId, ct);
        var run = await db.FeedRuns.AsNoTracking().SingleAsync(r => r.Id == runId, ct);
        using var drill = DrillScope.Begin(partner.DrillId);
        if (run.Tries >= MaxTries)
        {
            await EndAsync(partner, runId, FeedRunStatus.Failed, FeedCodes.Internal, $"The shop could not finish this run in {MaxTries} tries. Our log says why; upload the feed again when it is mended.");
            return;
        }
        var watch = new FeedWatch();
        try
        {
            var goOn = run.Status == FeedRunStatus.Applying || await ReadAsync(partner, run, watch, ct);
            if (goOn) await ApplyAsync(partner, run, watch, ct);
        }
        catch (FeedUnreadableException e)
        {
            await _books.MeasureAsync(runId, watch.Seconds, watch.GrowthMb, CancellationToken.None);
            await EndAsync(partner, runId, FeedRunStatus.Failed, e.Code, e.Message);
        }
    }

    // Answers whether the run is to be applied now.
    private async Task<bool> ReadAsync(Partner partner, FeedRun run, FeedWatch watch, CancellationToken ct)
    {
        await _books.BeginAsync(run.Id, FeedRunStatus.Reading, ct);
        if (!run.IsDryRun) await _books.OvertakeHeldAsync(partner.Id, run.Id, ct);
        var stage = new FeedStage(database, run.Id);
        await stage.ClearAsync(ct);
        var isComplete = await StageAsync(partner, run, stage, watch, ct);
        await stage.RejectExcessAsync(ct);
        var totals = await new FeedComparison(database, stage, partner).RunAsync(run.Id, isComplete, watch.Look, ct);
        var hold = totals.ReasonToHold(partner.SafetyPercent);
        var next = run.IsDryRun || hold is null ? FeedRunStatus.Applying : FeedRunStatus.Held;
        var note = hold is not null ? run.IsDryRun ? $"A real run would wait for an admin: {hold}" : hold : isComplete ? null : "The file was not read to its end, so nothing was taken off sale.";
        await _books.CountAsync(run.Id, run.IsDryRun ? FeedRunStatus.Reading : next, note, isComplete, totals, ct);
        await _books.MeasureAsync(run.Id, watch.Lap(), watch.GrowthMb, ct);
        if (next == FeedRunStatus.Held) logger.Held(run.Id, partner.Name, hold!);
        if (run.IsDryRun) await EndAsync(partner, run.Id, FeedRunStatus.Done, null, null);
        return next == FeedRunStatus.Applying && !run.IsDryRun;
    }

    // Answers whether the file was read to its end.
    private async Task<bool> StageAsync(Partner partner, FeedRun run, FeedStage stage, FeedWatch watch, CancellationToken ct)
    {
        var format = formats.Find(partner.Format) ?? throw new FeedUnreadableException(FeedCodes.WrongFormat, $"The shop does not know the format {partner.Format} any more. Choose another one for this partner.");
        var content = run.ContentId ?? throw new FeedUnreadableException(FeedCodes.EmptyFile, "The file was cleared away before it was read. Send it once more.");
        var file = await FeedFile.InspectAsync(() => contents.OpenRead(content), options.Value.MaxUnpackedBytes, ct);
        var shelves = await ShelvesAsync(partner, ct);
        var rules = new FeedRules(partner, shelves, clock.GetUtcNow());
        var isComplete = true;
        await foreach (var row in format.ReadAsync(file, ct))
        {
            var (item, remarks) = rules.Read(row);
            stage.Add((int)Math.Min(row.Line, int.MaxValue), FeedRules.IdOf(row), item, remarks);
            isComplete &= !row.IsCut;
            if (!stage.IsFull) continue;
            await stage.FlushAsync(ct);
            await _books.TellAsync(run.Id, stage.Count, ct);
            watch.Look();
        }
        await stage.FlushAsync(ct);
        if (!run.IsDryRun || stage.Count > 0) await _books.NoteCategoriesAsync(partner.Id, [.. shelves.Asked], ct);
        return isComplete;
    }

    private async Task<FeedShelves> ShelvesAsync(Partner partner, CancellationToken ct)
    {
        var mapped = await db.PartnerCategories.Where(c => c.PartnerId == partner.Id && c.CategoryId != null).ToListAsync(ct);
        var shelves = await db.Categories.Select(c => new { c.Slug, c.Id }).ToDictionaryAsync(c => c.Slug, c => c.Id, ct);
        return new(mapped.DistinctBy(c => c.Source, StringComparer.OrdinalIgnoreCase).ToDictionary(c => c.Source, c => c.CategoryId!.Value, StringComparer.OrdinalIgnoreCase), shelves, partner.CategoryId);
    }

    private async Task ApplyAsync(Partner partner, FeedRun run, FeedWatch watch, CancellationToken ct)
    {
        if (run.Status == FeedRunStatus.Applying) await _books.BeginAsync(run.Id, FeedRunStatus.Applying, ct);
        var isComplete = await db.FeedRuns.Where(r => r.Id == run.Id).Select(r => r.IsComplete).SingleAsync(ct);
        await application.ChangeAsync(partner, run.Id, run.AppliedTo ?? "", watch.Look, ct);
        if (isComplete) await application.WithdrawAsync(partner, run.Id, watch.Look, ct);
        await _books.MeasureAsync(run.Id, watch.Lap(), watch.GrowthMb, ct);
        await EndAsync(partner, run.Id, FeedRunStatus.Done, null, null);
    }

    private async Task EndAsync(Partner partner, Guid runId, FeedRunStatus status, string? code, string? note)
    {
        await _books.EndAsync(runId, status, code, note, CancellationToken.None);
        var run = await db.FeedRuns.AsNoTracking().SingleAsync(r => r.Id == runId, CancellationToken.None);
        logger.Ended(runId, partner.Name, status, run.Rows, run.Rejected, run.Seconds);
        metrics.Record(MetricTypes.FeedRun, run.Rows, new
        {
            run_id = run.Id,
            partner = partner.Name,
            outcome = status.ToString().ToLowerInvariant(),
            accepted = run.Accepted,
            warned = run.Warned,
            rejected = run.Rejected,
            @new = run.New,
            changed = run.Changed,
            unchanged = run.Unchanged,
            missing = run.Missing,
            seconds = Math.Round(run.Seconds, 3),
            rows_per_s = run.Seconds > 0 ? Math.Round(run.Rows / run.Seconds) : 0,
            peak_memory_mb = run.PeakMemoryMb,
            valid = run.Accepted + run.Warned,
            dry_run = run.IsDryRun,
        });
    }

    private static async Task<bool> AskTurnAsync(NpgsqlConnection turn, string sql, Guid partnerId, CancellationToken ct)
    {
        await using var ask = new NpgsqlCommand(sql, turn) { Parameters = { new() { Value = TurnKey }, new() { Value = partnerId.ToString("N", CultureInfo.InvariantCulture) } } };
        return await ask.ExecuteScalarAsync(ct) is true;
    }
}

/// <summary>Time and memory of one worker at a run.</summary>
internal sealed class FeedWatch
{
    private readonly long _before = Environment.WorkingSet;
    private long _started = Stopwatch.GetTimestamp();
    private long _peak;

    /// <summary>Seconds since it was made, or since the last lap.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>By how much the process grew at most, in megabytes.</summary>
    public int GrowthMb => (int)(Math.Max(0, _peak - _before) / (1024 * 1024));

    /// <summary>Looks how large the process is now.</summary>
    public void Look() => _peak = Math.Max(_peak, Environment.WorkingSet);

    /// <summary>The seconds since the last lap, which end here.</summary>
    public double Lap()
    {
        Look();
        var seconds = Seconds;
        _started = Stopwatch.GetTimestamp();
        return seconds;
    }
}
