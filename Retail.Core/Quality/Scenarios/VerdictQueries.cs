using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;

namespace Retail.Core.Quality.Scenarios;

/// <summary>A stored verdict as pages show it.</summary>
public sealed record VerdictView(long Id, string Scenario, VerdictStatus Status, bool IsChange, IReadOnlyList<MeasureOutcome> Measures, string Catalogue, string Release, string Node, DateTimeOffset EvaluatedAt, DateTimeOffset ConfirmedAt)
{
    /// <summary>The measure that decided, or the first when all hold.</summary>
    public MeasureOutcome Decisive => Measures.FirstOrDefault(m => m.Status == Status) ?? Measures[0];
}

/// <summary>A piece of a scenario's history.</summary>
public sealed record VerdictSpan(VerdictStatus Status, DateTimeOffset From, DateTimeOffset To);

/// <summary>Reads stored verdicts.</summary>
public sealed class VerdictQueries(RetailDbContext db)
{
    /// <summary>The latest verdict of each scenario.</summary>
    public async Task<Dictionary<string, VerdictView>> LatestAsync(CancellationToken ct) =>
        (await db.Verdicts.FromSql($"SELECT DISTINCT ON (scenario) * FROM verdicts ORDER BY scenario, id DESC").AsNoTracking().ToListAsync(ct)).ToDictionary(v => v.Scenario, View);

    /// <summary>The first failure of each scenario that is still kept, and when the last one began.</summary>
    public async Task<Dictionary<string, (long FirstId, DateTimeOffset First, DateTimeOffset Last)>> FailuresAsync(CancellationToken ct) =>
        await db.Verdicts.Where(v => v.IsChange && v.Status == "FAIL").GroupBy(v => v.Scenario)
            .Select(g => new { g.Key, Id = g.Min(v => v.Id), First = g.Min(v => v.EvaluatedAt), Last = g.Max(v => v.EvaluatedAt) })
            .ToDictionaryAsync(g => g.Key, g => (g.Id, g.First, g.Last), ct);

    /// <summary>What became of each scenario since a moment, oldest first; neighbours of one status are one.</summary>
    public async Task<ILookup<string, VerdictSpan>> HistoryAsync(DateTimeOffset since, CancellationToken ct)
    {
        var rows = await db.Verdicts.Where(v => v.ConfirmedAt >= since).OrderBy(v => v.Id).Select(v => new { v.Scenario, v.Status, v.EvaluatedAt, v.ConfirmedAt }).ToListAsync(ct);
        var spans = new List<(string Scenario, VerdictSpan Span)>();
        foreach (var of in rows.GroupBy(r => r.Scenario))
        {
            VerdictSpan? open = null;
            foreach (var row in of)
            {
                var status = Verdicts.Of(row.Status);
                if (open is not null && open.Status == status && row.EvaluatedAt - open.To < VerdictStore.LongestGap) open = open with { To = row.ConfirmedAt };
                else
                {
                    // A change happens somewhere between two looks: the new verdict begins where the old one was last seen.
                    if (open is not null) spans.Add((of.Key, row.EvaluatedAt - open.To < VerdictStore.LongestGap ? open with { To = row.EvaluatedAt } : open));
                    open = new(status, row.EvaluatedAt, row.ConfirmedAt);
                }
            }
            spans.Add((of.Key, open!));
        }
        return spans.ToLookup(s => s.Scenario, s => s.Span);
    }

    /// <summary>A scenario's verdicts, newest first.</summary>
    public async Task<IReadOnlyList<VerdictView>> OfAsync(string scenario, int most, CancellationToken ct) =>
        [.. (await db.Verdicts.AsNoTracking().Where(v => v.Scenario == scenario).OrderByDescending(v => v.Id).Take(most).ToListAsync(ct)).Select(View)];

    /// <summary>One verdict of a scenario.</summary>
    public async Task<VerdictView?> FindAsync(string scenario, long id, CancellationToken ct) =>
        await db.Verdicts.AsNoTracking().FirstOrDefaultAsync(v => v.Scenario == scenario && v.Id == id, ct) is { } row ? View(row) : null;

    private static VerdictView View(VerdictRow row) => new(
        row.Id, row.Scenario, Verdicts.Of(row.Status), row.IsChange, JsonSerializer.Deserialize<List<MeasureOutcome>>(row.Measures, Verdicts.Json)!,
        row.Catalogue, row.Release, row.Node, row.EvaluatedAt, row.ConfirmedAt);
}
