using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Holds the scenarios of the catalogue against what the store has recorded. Reads only; <see cref="VerdictStore"/> keeps what it finds.</summary>
public sealed class ScenarioEvaluator(NpgsqlDataSource database, CatalogueFile file, NamedQueries queries, TimeProvider clock)
{
    private static readonly TimeSpan Costly = TimeSpan.FromSeconds(3), LongestReuse = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (MeasureOutcome Outcome, DateTimeOffset GoodUntil)> _costly = new();

    /// <summary>The verdicts of this moment, in the order of the catalogue.</summary>
    /// <param name="maxAge">Evidence that is older is stale, whatever the window; null for the windows alone.</param>
    /// <param name="ct">Stops the work.</param>
    public Task<IReadOnlyList<ScenarioVerdict>> EvaluateAsync(TimeSpan? maxAge, CancellationToken ct) => EvaluateAsync(maxAge, TryAsync, ct);

    /// <summary>The same for whoever looks each minute: a question that took the database more than three seconds is asked again only after twenty times as long.</summary>
    public Task<IReadOnlyList<ScenarioVerdict>> EvaluateSparinglyAsync(CancellationToken ct) => EvaluateAsync(maxAge: null, SpareAsync, ct);

    private async Task<IReadOnlyList<ScenarioVerdict>> EvaluateAsync(
        TimeSpan? maxAge, Func<MeasureEvaluator, Measure, DateTimeOffset, CancellationToken, Task<MeasureOutcome>> ask, CancellationToken ct)
    {
        var catalogue = file.InForce;
        await using var connection = await database.OpenConnectionAsync(ct);
        var measures = new MeasureEvaluator(connection, queries, AppContext.BaseDirectory, maxAge);
        var now = clock.GetUtcNow();
        var known = new Dictionary<string, MeasureOutcome>();
        var verdicts = new List<ScenarioVerdict>();
        foreach (var scenario in catalogue.Scenarios)
            verdicts.Add(await EvaluateAsync(scenario, catalogue.Fingerprint, async measure =>
                known.TryGetValue(measure.Text, out var asked) ? asked with { Words = measure.Words } : known[measure.Text] = await ask(measures, measure, now, ct), now));
        return verdicts;
    }

    /// <summary>A scenario's verdict from those of its measures: broken beats unknown, unknown beats old, old beats good.</summary>
    internal static async Task<ScenarioVerdict> EvaluateAsync(Scenario scenario, string catalogue, Func<Measure, Task<MeasureOutcome>> evaluate, DateTimeOffset now)
    {
        var outcomes = new List<MeasureOutcome>();
        foreach (var measure in scenario.Measures) outcomes.Add(await evaluate(measure));
        var status = new[] { VerdictStatus.Fail, VerdictStatus.NotExercised, VerdictStatus.Stale }.FirstOrDefault(s => outcomes.Any(o => o.Status == s), VerdictStatus.Pass);
        return new(scenario.Id, scenario.Title, status, outcomes, catalogue, now);
    }

    private async Task<MeasureOutcome> SpareAsync(MeasureEvaluator measures, Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        if (_costly.TryGetValue(measure.Text, out var known) && now < known.GoodUntil) return known.Outcome;
        var began = Stopwatch.GetTimestamp();
        var outcome = await TryAsync(measures, measure, now, ct);
        var cost = Stopwatch.GetElapsedTime(began);
        if (cost > Costly) _costly[measure.Text] = (outcome, now + (cost * 20 < LongestReuse ? cost * 20 : LongestReuse));
        else _costly.TryRemove(measure.Text, out _);
        return outcome;
    }

    // A question that the database can't answer in time says nothing about the promise, and must not keep the others from being asked.
    private static async Task<MeasureOutcome> TryAsync(MeasureEvaluator measures, Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            return await measures.EvaluateAsync(measure, now, ct);
        }
        catch (Exception e) when (e is PostgresException or NpgsqlException { InnerException: TimeoutException })
        {
            return new MeasureOutcome
            {
                Measure = measure.Text,
                Words = measure.Words,
                Status = VerdictStatus.NotExercised,
                Demand = MeasureParser.Demand(measure),
                Unit = measure.Source.Unit,
                Minimum = measure.Minimum,
                To = now,
                Says = $"it could not be measured: {e.Message}",
            };
        }
    }
}
