namespace Retail.Core.Quality.Scenarios;

/// <summary>A scenario as the board shows it.</summary>
/// <param name="Scenario">The promise.</param>
/// <param name="Status">Whether it holds.</param>
/// <param name="Measures">On what evidence.</param>
/// <param name="EvaluatedAt">When that was found last.</param>
/// <param name="By">Who found it: machine:process; null for this process, now.</param>
/// <param name="Release">The release that found it.</param>
/// <param name="History">What became of it lately, oldest first.</param>
public sealed record BoardEntry(Scenario Scenario, VerdictStatus Status, IReadOnlyList<MeasureOutcome> Measures, DateTimeOffset EvaluatedAt, string? By, string Release, IReadOnlyList<VerdictSpan> History)
{
    /// <summary>The stored verdict with which it first failed, as far back as verdicts are kept; null when it never did.</summary>
    public (long Id, DateTimeOffset At)? FirstFailure { get; init; }

    /// <summary>When it last began to fail; null when it never did.</summary>
    public DateTimeOffset? LastFailure { get; init; }
}

/// <summary>All promises with where they stand.</summary>
/// <param name="Entries">In the order of the catalogue.</param>
/// <param name="Mistakes">Of the catalogue's file; verdicts then go by the last one without.</param>
/// <param name="StoredAt">When the worker last stored a verdict; null when it never did.</param>
/// <param name="Since">Begin of the history.</param>
/// <param name="Now">When this was read.</param>
public sealed record Board(IReadOnlyList<BoardEntry> Entries, IReadOnlyList<CatalogueMistake> Mistakes, DateTimeOffset? StoredAt, DateTimeOffset Since, DateTimeOffset Now)
{
    /// <summary>How many stand so.</summary>
    public int Count(VerdictStatus status) => Entries.Count(e => e.Status == status);
}

/// <summary>Puts the catalogue and the verdicts together. What is stored is shown while it is fresh and goes by the same catalogue; otherwise the promises are looked at now.</summary>
public sealed class ScenarioBoard(CatalogueFile file, VerdictQueries stored, LiveVerdicts live, TimeProvider clock)
{
    /// <summary>How far back the history goes.</summary>
    public static readonly TimeSpan HistoryDays = TimeSpan.FromDays(7);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(90);

    /// <summary>Where all promises stand.</summary>
    public async Task<Board> ReadAsync(CancellationToken ct)
    {
        var (now, catalogue) = (clock.GetUtcNow(), file.InForce);
        var latest = await stored.LatestAsync(ct);
        var failures = await stored.FailuresAsync(ct);
        var history = await stored.HistoryAsync(now - HistoryDays, ct);
        var isFresh = catalogue.Scenarios.All(s => latest.TryGetValue(s.Id, out var last) && last.Catalogue == catalogue.Fingerprint && now - last.ConfirmedAt < Fresh);
        var found = isFresh ? [] : (await live.NowAsync(ct)).ToDictionary(v => v.Scenario);
        var entries = catalogue.Scenarios.Select(scenario =>
        {
            var failed = failures.TryGetValue(scenario.Id, out var f) ? f : default((long FirstId, DateTimeOffset First, DateTimeOffset Last)?);
            var entry = found.TryGetValue(scenario.Id, out var fresh)
                ? new BoardEntry(scenario, fresh.Status, fresh.Measures, fresh.EvaluatedAt, null, Metrics.MetricRecorder.Release, [.. history[scenario.Id]])
                : new BoardEntry(scenario, latest[scenario.Id].Status, latest[scenario.Id].Measures, latest[scenario.Id].ConfirmedAt, latest[scenario.Id].Node, latest[scenario.Id].Release, [.. history[scenario.Id]]);
            return failed is { } known ? entry with { FirstFailure = (known.FirstId, known.First), LastFailure = known.Last } : entry;
        });
        return new([.. entries], file.Current.Mistakes, latest.Count == 0 ? null : latest.Values.Max(v => v.ConfirmedAt), now - HistoryDays, now);
    }
}
