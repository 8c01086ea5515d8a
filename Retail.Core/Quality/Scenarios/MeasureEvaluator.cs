using Npgsql;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Holds one measure against what the store has recorded.</summary>
/// <param name="connection">The database; may be inside a transaction.</param>
/// <param name="queries">What measures may ask.</param>
/// <param name="program">The folder with the program's own assemblies.</param>
/// <param name="maxAge">Evidence that is older is stale, whatever the window; null for the window alone.</param>
internal sealed class MeasureEvaluator(NpgsqlConnection connection, NamedQueries queries, string program, TimeSpan? maxAge)
{
    private readonly MetricReader _metrics = new(connection);

    public async Task<MeasureOutcome> EvaluateAsync(Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        var from = measure.Window is { } window ? now - window : DateTimeOffset.UnixEpoch;
        var found = await AskAsync(measure, from, now, ct);
        var status = Judge(measure, found, now);
        // Nothing in the window, but something before it: that is old evidence, not a lack of it.
        if (status == VerdictStatus.NotExercised && found.Sample == 0 && (measure.SampleOf ?? measure.Source) is { Kind: SourceKind.Metric } source
            && await _metrics.LastSeenAsync(source, now, ct) is { } seen && seen <= from)
            (status, found) = (VerdictStatus.Stale, found with { Newest = seen });
        return new MeasureOutcome
        {
            Measure = measure.Text,
            Words = measure.Words,
            Status = status,
            Value = found.Value,
            Demand = MeasureParser.Demand(measure),
            Unit = measure.Source.Unit,
            Sample = found.Sample,
            Minimum = measure.Minimum,
            SampleOf = found.SampleOf,
            From = measure.Window is null ? null : from,
            To = now,
            Newest = found.Newest,
            Rows = found.Rows,
            Says = Say(measure, status, found),
        };
    }

    private VerdictStatus Judge(Measure measure, Found found, DateTimeOffset now)
    {
        var isEnough = found.Sample >= measure.Minimum;
        if (found.Value is { } value && !measure.Holds(value) && (isEnough || measure.BreaksAtOnce && found.HasRows)) return VerdictStatus.Fail;
        if (!isEnough || found.Value is null) return VerdictStatus.NotExercised;
        return maxAge is { } limit && now - (found.Newest ?? now) > limit ? VerdictStatus.Stale : VerdictStatus.Pass;
    }

    private async Task<Found> AskAsync(Measure measure, DateTimeOffset from, DateTimeOffset now, CancellationToken ct)
    {
        var source = measure.Source;
        var largestFirst = measure.Comparison is Comparison.Below or Comparison.AtMost or Comparison.Equal;
        Found found;
        if (source.Kind == SourceKind.Query)
        {
            var query = queries[source.Name];
            var answer = await query.AskAsync(new(connection, from, now, program), ct);
            found = new(answer.Value, answer.Sample, answer.Newest ?? (answer.Sample > 0 ? now : null), answer.Rows, query.Sample, answer.Sample > 0);
        }
        else
        {
            var answer = await _metrics.ReadAsync(source, measure.When, from, now, largestFirst, ct);
            found = new(answer.Value, answer.Sample, answer.Newest, answer.Rows, source.Name, answer.Sample > 0);
        }
        if (measure.SampleOf is not { } other) return found;
        var sample = await _metrics.ReadAsync(other, measure.When, from, now, largestFirst: true, ct);
        // No incident at all is as recent as what could have brought one.
        return found with { Sample = (long)(sample.Value ?? 0), SampleOf = other.Name, Newest = found.Newest is { } at && at > sample.Newest ? at : sample.Newest ?? found.Newest };
    }

    private string Say(Measure measure, VerdictStatus status, Found found) => status switch
    {
        VerdictStatus.Pass or VerdictStatus.Fail =>
            $"{Units.Say(found.Value!.Value, measure.Source.Unit)}, demanded {MeasureParser.Demand(measure)}, on {Units.Say(found.Sample, "")} {found.SampleOf}",
        VerdictStatus.Stale => $"the newest evidence is from {found.Newest:yyyy-MM-dd HH:mm} UTC, older than {Units.Say(OldestAllowed(measure))}",
        _ when found.Sample == 0 => $"no {found.SampleOf} {Within(measure)}",
        _ => $"{Units.Say(found.Sample, "")} {found.SampleOf} {Within(measure)}, it takes {Units.Say(measure.Minimum, "")}",
    };

    private TimeSpan OldestAllowed(Measure measure) => new[] { maxAge, measure.Window }.OfType<TimeSpan>().DefaultIfEmpty().Min();

    private static string Within(Measure measure) => measure.Window is { } window ? $"in {Units.Say(window)}{(measure.When is null ? "" : " under that condition")}" : "yet";

    private sealed record Found(double? Value, long Sample, DateTimeOffset? Newest, IReadOnlyList<System.Text.Json.Nodes.JsonObject> Rows, string SampleOf, bool HasRows);
}
