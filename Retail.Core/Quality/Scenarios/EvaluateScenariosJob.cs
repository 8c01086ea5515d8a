using Retail.Core.Data.Jobs;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Looks each minute whether the store keeps its promises.</summary>
public sealed class EvaluateScenariosJob(ScenarioEvaluator evaluator, VerdictStore verdicts, RecountIncidents incidents) : IJob<NoArgs>
{
    /// <summary>How it is run.</summary>
    public static readonly JobDefinition Definition = new("evaluate-scenarios")
    {
        Purpose = "Holds the quality scenarios against what was recorded, and keeps the verdicts.",
        Cron = "10 * * * * ?",
        MaxTries = 1,
        TimeLimit = TimeSpan.FromMinutes(2),
    };

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var found = await evaluator.EvaluateSparinglyAsync(ct);
        await verdicts.KeepAsync(found, ct);
        await incidents.RecordAsync(found, ct);
    }
}
