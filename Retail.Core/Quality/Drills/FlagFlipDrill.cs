using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Core.Flags;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>A feature flag is switched while the store runs, and every node has to follow.</summary>
public sealed class FlagFlipDrill(FlagService flags, RetailDbContext db, TimeProvider clock) : IDrill
{
    private const FeatureFlag Flag = FeatureFlag.Orders;
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(10);

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("flag-flip", "Flag flip",
        "The flag that lets orders share a commit is switched and switched back, and every node is asked over HTTP until it acts on it. Each must within five seconds, without a restart.")
    {
        Harm = "For some seconds orders have a commit each, instead of a common one. None is refused for it.",
        Charges = false,
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        var row = await db.FeatureFlags.AsNoTracking().SingleOrDefaultAsync(f => f.Name == FlagService.NameOf(Flag), ct);
        var was = (await flags.ListAsync(ct)).Single(f => f.Flag == Flag).IsOn;
        // Who switched it says how it stood, so that the clearing away puts it back even if this process is killed.
        var by = DrillCleaner.FlagActor(stage.Id, row?.IsOn);
        var missed = new List<string>();
        var slowest = 0.0;
        foreach (var (on, percent) in new[] { (!was, 20), (was, 60) })
        {
            await stage.SayAsync($"Switching {FeatureFlags.NameOf(Flag)} {(on ? "on" : "off")}, and asking each of {stage.Store.Nodes.Count} nodes where it stands", percent);
            await flags.SwitchAsync(Flag, on, by, ct);
            var began = clock.GetTimestamp();
            var seconds = await Task.WhenAll(stage.Store.Nodes.Select(node => UntilSeenAsync(stage, node, on, began, ct)));
            foreach (var (node, took) in stage.Store.Nodes.Zip(seconds))
            {
                if (took is null) missed.Add($"{node} still had it {(on ? "off" : "on")}");
                else stage.Evidence(MetricTypes.FlagPropagationSeconds, took.Value, ("node", node.ToString()), ("on", on));
                slowest = Math.Max(slowest, took ?? Patience.TotalSeconds);
            }
        }
        stage.Recorded(MetricTypes.FlagPropagationSeconds, slowest, "Seconds until the slowest node acted on it", Wanted.AtMost(Promised.TotalSeconds));
        stage.Figure(MetricTypes.FlagNodesMissed, missed.Count, string.Create(CultureInfo.InvariantCulture, $"Nodes that did not within {Patience.TotalSeconds:0} s"), Wanted.Zero,
            missed.Count == 0 ? null : string.Join(", ", missed));
    }

    private async Task<double?> UntilSeenAsync(DrillStage stage, Uri node, bool on, long began, CancellationToken ct)
    {
        var seen = await stage.WaitAsync(async () => (await stage.Store.AboutAsync(node, ct)).FlagsOn.Contains(Flag.ToString(), StringComparer.OrdinalIgnoreCase) == on, Patience, null, ct);
        return seen ? clock.GetElapsedTime(began).TotalSeconds : null;
    }
}
