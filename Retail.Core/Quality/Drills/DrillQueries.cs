using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>A drill with what it said and found.</summary>
/// <param name="Run">The drill.</param>
/// <param name="Steps">What it said on its way.</param>
/// <param name="Result">What it found; null while it runs.</param>
/// <param name="Parameters">What it was told.</param>
public sealed record DrillView(DrillRun Run, IReadOnlyList<DrillStep> Steps, DrillResult? Result, IReadOnlyDictionary<string, int> Parameters)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Reads a row.</summary>
    public static DrillView Of(DrillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(run, JsonSerializer.Deserialize<List<DrillStep>>(run.Steps, Json)!, DrillResult.Read(run.Result), JsonSerializer.Deserialize<Dictionary<string, int>>(run.Parameters)!);
    }
}

/// <summary>The metric rows of one type that carry a drill's id.</summary>
public sealed record DrillEvidence(string Type, int Rows, double Least, double Most, long FirstId, long LastId)
{
    /// <summary>The lowest value, as people write it.</summary>
    public string LeastText => Text(Least);

    /// <summary>The highest value, as people write it.</summary>
    public string MostText => Text(Most);

    private static string Text(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}

/// <summary>Reads drills: for admins only.</summary>
public sealed class DrillQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    /// <summary>A page of the drills that were run, the newest first.</summary>
    /// <param name="search">A part of who asked, or of the release; empty for all.</param>
    /// <param name="name">Only of this kind; empty for all.</param>
    /// <param name="status">Only these; null for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<PageOf<DrillRun>> ListAsync(string search, string name, DrillStatus? status, int page, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(name);
        IQueryable<DrillRun> drills = db.Drills.AsNoTracking();
        if (name.Length > 0) drills = drills.Where(d => d.Name == name);
        if (status is not null) drills = drills.Where(d => d.Status == status);
        if (search.Trim() is { Length: > 0 } words)
        {
            var pattern = Like.Containing(words);
            drills = drills.Where(d => EF.Functions.ILike(d.AskedBy, pattern) || EF.Functions.ILike(d.Release, pattern));
        }
        var total = await drills.CountAsync(ct);
        page = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        return new(await drills.OrderByDescending(d => d.StartedAt).ThenByDescending(d => d.Id).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(ct), page, PageSize, total);
    }

    /// <summary>The latest drill of each kind.</summary>
    public async Task<IReadOnlyDictionary<string, DrillRun>> LatestAsync(CancellationToken ct) => await db.Drills.FromSql($"""
        SELECT DISTINCT ON (name) * FROM drills ORDER BY name, started_at DESC, id DESC
        """).AsNoTracking().ToDictionaryAsync(d => d.Name, ct);

    /// <summary>One drill, or null.</summary>
    public async Task<DrillView?> FindAsync(Guid id, CancellationToken ct) =>
        await db.Drills.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is { } run ? DrillView.Of(run) : null;

    /// <summary>The metric rows of the figures that a drill found.</summary>
    public async Task<IReadOnlyList<DrillEvidence>> EvidenceAsync(DrillView drill, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(drill);
        var types = drill.Result?.Figures.Select(f => f.Type).Append(MetricTypes.DrillResult).Distinct().ToArray() ?? [];
        var (from, to) = (drill.Run.StartedAt, (drill.Run.FinishedAt ?? drill.Run.StartedAt) + TimeSpan.FromMinutes(1));
        var id = drill.Run.Id.ToString();
        return await db.Database.SqlQuery<DrillEvidence>($"""
            SELECT type AS "Type", count(*)::int AS "Rows", min(value) AS "Least", max(value) AS "Most", min(id) AS "FirstId", max(id) AS "LastId" FROM metric
            WHERE type = ANY({types}) AND timestamp BETWEEN {from} AND {to} AND metadata->>'drill_id' = {id} GROUP BY type ORDER BY min(id)
            """).ToListAsync(ct);
    }

    /// <summary>Asks a drill to stop; it clears away what it made before it does.</summary>
    public Task StopAsync(Guid id, CancellationToken ct) =>
        db.Drills.Where(d => d.Id == id && d.Status == DrillStatus.Running).ExecuteUpdateAsync(set => set.SetProperty(d => d.IsStopAsked, true), ct);
}
