using System.Globalization;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Measures;

namespace Retail.Web.Areas.Admin.Charts;

/// <summary>How a part of the store is, in a word and a sentence.</summary>
public sealed record PartState(string Name, StateBadge Badge, string Text)
{
    private const double LittleDisk = 15, NoDisk = 5;
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromMilliseconds(50), OldRollups = TimeSpan.FromMinutes(3);

    public static IReadOnlyList<PartState> Of(SystemHealth health, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(health);
        if (health.Database is not { } answer) return [new("Database", Bad("Away"), "does not answer"), Gateway(health)];
        return [Database(answer, health), Worker(health), Gateway(health), Queue(health), Disk(health), Rollups(health, now)];
    }

    private static PartState Database(TimeSpan answer, SystemHealth health) => new("Database", answer > SlowAnswer ? Warn("Slow") : Good("Up"),
        $"answers in {Figures.Ms(answer.TotalMilliseconds)}, holds {Figures.Bytes(health.DatabaseSize)}");

    private static PartState Worker(SystemHealth health) => health.Workers.Count == 0 ? new("Worker", Bad("Missing"), "no heart has beaten for ten seconds")
        : new("Worker", Good("Up"), $"{health.Workers.Count} alive, last beat {Figures.Span(health.Workers.SinceBeat)} ago");

    private static PartState Gateway(SystemHealth health) => health.Gateway switch
    {
        CircuitState.Closed => new("Payment gateway", Good("Up"), "circuit closed"),
        CircuitState.HalfOpen => new("Payment gateway", Warn("Trying"), "circuit half open: one charge at a time"),
        CircuitState.Open => new("Payment gateway", Bad("Away"), "circuit open: orders are kept and charged later"),
        _ => throw new ArgumentOutOfRangeException(nameof(health), health.Gateway, "Not a state."),
    };

    private static PartState Queue(SystemHealth health) => new("Queue",
        health.QueueDead > 0 ? Bad("Failed") : health.QueueDue > 100 || health.QueueOldest > TimeSpan.FromMinutes(1) ? Warn("Behind") : Good("Up"),
        health.QueueDue == 0 ? health.QueueDead == 0 ? "nothing is due" : $"nothing is due, {health.QueueDead} failed for good"
            : $"{AdminText.Number(health.QueueDue)} due, the oldest for {Figures.Span(health.QueueOldest)}, {health.QueueDead} failed for good");

    private static PartState Disk(SystemHealth health)
    {
        if (health.Nodes.Count == 0) return new("Disk", Warn("Unknown"), "no node has told yet");
        var least = health.Nodes.Min(n => n.DiskFreePercent);
        return new("Disk", least < NoDisk ? Bad("Full") : least < LittleDisk ? Warn("Low") : Good("Up"), string.Create(CultureInfo.InvariantCulture, $"{least:0}\u202f% free"));
    }

    private static PartState Rollups(SystemHealth health, DateTimeOffset now) => health.RolledUpTo is not { } to ? new("These figures", Warn("None"), "nothing has been rolled up yet")
        : now - to > OldRollups ? new("These figures", Warn("Old"), $"{Figures.Span(now - to)} old: the worker rolls them up")
        : new("These figures", Good("Up"), "up to the minute");

    private static StateBadge Good(string word) => new("good", word);

    private static StateBadge Warn(string word) => new("warn", word);

    private static StateBadge Bad(string word) => new("bad", word);
}
